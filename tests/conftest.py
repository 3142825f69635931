"""Fixtures for all tests come from the modules named here."""

from __future__ import annotations

pytest_plugins = ["tests.databases", "tests.scripted_github", "tests.scene", "tests.mirrored"]
