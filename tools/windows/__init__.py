"""A Windows to run the console on, on Linux: `python -m tools.windows` (`docs/windows.md`)."""
