"""What was sampled, kept in the console's own database.

Every sample is kept for 48 hours, its minima, maxima and means over 10 s for 7 days, over a
minute for 30 days and over 15 minutes for a year; and never more than the configured size.
All of them are written at once, so that none is ever made from another that is gone.
"""
