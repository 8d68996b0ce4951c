"""The one entry: the window, or a command without a screen.

Before anything else it makes sure that Python and the libraries are there; that part uses the
standard library alone.
"""

import multiprocessing
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

if __name__ == "__main__":
    multiprocessing.freeze_support()
    from core.bootstrap import ensure_environment

    ensure_environment([str(Path(__file__).resolve())], sys.argv[1:])

    from ui.cli.main import main

    sys.exit(main(sys.argv[1:]))
