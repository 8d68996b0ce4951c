"""Alerts: rules as data, incidents that begin and end once, and who is told.

The engine decides (`engine`), the console's database remembers (`incidents`), the webhook tells
other machines (`webhook`), and the forecast sees a full disk coming (`forecast`).
"""
