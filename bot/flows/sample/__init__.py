"""A community that never was, for the demo and for a first look: seeded, so that the same seed says the same."""

from bot.flows.sample.workbook import write_sample

__all__ = ["write_sample"]
