"""Speaks and hears. Knows no owners and no charges."""
