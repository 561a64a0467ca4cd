"""Remembers: the tables, their queries and migrations. Knows no channels and no rules."""
