"""The adapter of the Upbit trading program: all that keys of a profile cannot say of it.

`settings` holds what is configured beyond core's keys, `probes` what is measured, `checks` what
must hold before a deployment, `conversions` what its migrations ask: `sources` finds the legacy
tables, `transforms` converts them, `rules` runs its strategies, `validation` proves the result.
"""
