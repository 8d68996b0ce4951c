"""The command line: every button as a command."""
