"""Plumbing that every test may use: the bed's fixtures, and the rule about skips."""

from __future__ import annotations

pytest_plugins = ["tests.bed.fixtures", "tests.bed.skips"]
