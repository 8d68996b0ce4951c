"""The probes: each looks at one thing and may be slow without delaying another."""
