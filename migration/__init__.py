"""Takes the trading program's legacy data to the new schema, and proves that nothing was lost.

Invariants
----------
1. Scripts run on staged copies alone, one transaction a database.  The live files change in one
   place only, `run.execute`, and there by `core.promote`: all of them or none.
2. Legacy tables stay as they were: SQLite itself refuses a script that would change one
   (`engine.apply.guarded`), and their digests are compared afterwards.  The one exception is
   what a script names in `CHANGES`, and of that each change is kept with what was before.
3. Every legacy row is in exactly one of two places: converted, or whole in `migration_review`
   with the reason.  From either place it can be turned back, storage class included
   (`validation.lossless`).
4. What is converted is a function of the legacy rows, the operator's decisions and one moment:
   a second run gives the same bytes, and validation requires it (`validation.expected`).
5. Nothing is guessed.  A condition without a role, a reference that could mean two things, JSON
   that does not parse: the operator decides.
6. A strategy counts as proven only when the evaluator knows all of its rules.
"""
