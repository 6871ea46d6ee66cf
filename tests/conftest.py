"""Plumbing that every test may use: the bed's fixtures, the rule about skips, no deadlines, and an end to hanging."""

from __future__ import annotations

import atexit
import faulthandler
import gc
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# The machine may be busy: no test asserts how long anything takes.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# Looking for garbage among thousands of tests that are being collected is a fifth of that time, and none is there.
gc.disable()

pytest_plugins = ["tests.lanes", "tests.bed.fixtures", "tests.bed.skips"]

HANGS = 900.0
"""Seconds after which one test is taken for hung: every stack is shown, and the run ends."""

# What mmcompose remembers for its user is kept apart from what it remembers for whoever runs the tests.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="mmcompose-state-")
atexit.register(shutil.rmtree, os.environ["XDG_STATE_HOME"], ignore_errors=True)

# People are told moments by their own clock, which in tests is everybody's.
os.environ["TZ"] = "UTC"
time.tzset()

# A shell that starts a job in the background has it ignore interrupts, and nohup the loss of its terminal; so would
# every program that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Iterator[None]:
    faulthandler.dump_traceback_later(HANGS, exit=True)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()
