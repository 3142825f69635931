"""Rules that are right more often than not, each for one region that both sides changed."""
