"""The owner's conversation: who speaks, what was asked, what is answered and what it changes."""
