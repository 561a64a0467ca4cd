"""Decides, purely: facts in, decision out. No input, no clock, no network."""
