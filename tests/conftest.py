"""Plumbing that every test may use: the bed's fixtures, the rule about skips, no deadlines."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# The machine may be busy: no test asserts how long anything takes.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

pytest_plugins = ["tests.bed.fixtures", "tests.bed.skips"]
