"""What differs between a restore point and the present: counts by table, then the rows.

Invariants
----------
1. The live files are read once, in a process of their own, as of one moment that all of them
   share; nothing is written beside them and nobody waits for the comparison.
2. What is called the same is the same, value by value and storage class by storage class.
   Rows are left out of the reading only where they lie in pages with the same bytes.
3. No table is ever held in memory; values longer than 64 KiB are shown cut.
4. What cannot be compared is listed as that, not left out.
"""
