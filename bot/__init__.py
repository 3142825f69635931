"""Stablehand: carries an approved exception to the backport policy to the release."""
