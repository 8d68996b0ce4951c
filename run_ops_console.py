"""The one entry: the window, or a command without a screen.

Before anything else it makes sure that Python and the libraries are there; that part uses the
standard library alone.
"""

import signal

# Ctrl+C before there is anything to cancel ends quietly; helper processes are told by the console.
signal.signal(signal.SIGINT, signal.SIG_DFL if __name__ == "__main__" else signal.SIG_IGN)

import multiprocessing  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parent))

if __name__ == "__main__":
    multiprocessing.freeze_support()
    from core.bootstrap import ensure_environment, ensure_unicode

    ensure_environment([str(Path(__file__).resolve())], sys.argv[1:])
    ensure_unicode()

    from ui.cli.main import main

    sys.exit(main(sys.argv[1:]))
