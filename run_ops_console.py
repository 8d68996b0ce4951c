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
    from core.base.entry import RUN_MODULE, SCRIPT, is_built, restore_environment

    restore_environment()
    if sys.argv[1:2] == [RUN_MODULE]:
        import runpy

        del sys.argv[:2]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        sys.exit()
    if sys.argv[1:] == ["--version"]:
        from core import __version__

        print(__version__)
        sys.exit()
    if not is_built():
        from core.base.bootstrap import ensure_environment, ensure_unicode

        ensure_environment([str(Path(__file__).resolve().with_name(SCRIPT))], sys.argv[1:])
        ensure_unicode()

    import gc

    # What is loaded stays to the end: to look through it for garbage, while it is loaded and once
    # more at the end, is a fifth of what a short command costs.
    gc.disable()
    from ui.cli.main import main

    gc.freeze()
    gc.enable()
    try:
        sys.exit(main(sys.argv[1:]))
    finally:
        gc.freeze()
