"""Builds the console for operators who have no Python: ``python -m tools.bundle``."""
