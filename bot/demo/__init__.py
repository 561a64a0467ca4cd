"""The demo: a sample community, sandbox phones, and owners who behave from a seed."""
