"""Votes: ballots read from what people write, kept in a register, counted by dated rules."""
