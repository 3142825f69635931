"""Decisions: pure functions from frozen facts to values."""
