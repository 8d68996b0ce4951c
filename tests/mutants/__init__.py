"""Patches that each break one safety check on purpose, and the test that catches each."""
