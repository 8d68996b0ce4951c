"""Proves that what is live is well: the data, the whole system, and the last rollback.

Nothing is changed and no lock is held: databases are checked on private copies, each as of one
moment, so that a check of any length keeps nobody waiting and a program may write meanwhile.
"""
