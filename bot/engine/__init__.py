"""Durable workflows: the order of the steps, retries, and what is done once."""
