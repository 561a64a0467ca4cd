"""What the bot hears and says, as pure functions: understanding a sentence, and wording an answer. No I/O, no clock."""
