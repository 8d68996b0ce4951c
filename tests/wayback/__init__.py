"""The way back, tried before the day."""
