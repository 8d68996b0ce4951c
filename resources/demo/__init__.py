"""A practice workspace: a stand-in trading program with databases made from a seed.

The stand-in is another program than the console, so it uses Python's own SQLite, as the real
one does.  Nothing here is copied from elsewhere.
"""

from resources.demo.workspace import MARKER, is_workspace, prepare_workspace

__all__ = ["MARKER", "is_workspace", "prepare_workspace"]
