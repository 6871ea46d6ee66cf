"""Moments for people: by their own clock, and how long ago."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator

import pytest

from mmcompose.deploy.moments import age, local

NOW = dt.datetime(2026, 11, 20, 12, 0, 0, tzinfo=dt.UTC)


@pytest.fixture
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("began", "reported"),
    [
        ("2026-11-20T11:59:20.123456789Z", "40 s"),
        ("2026-11-20T11:57:00Z", "3 min"),
        ("2026-11-20T10:00:00Z", "2 h"),
        ("2026-11-20T09:55:00Z", "2 h 5 min"),
        ("2026-11-16T09:00:00Z", "4 d 3 h"),
        ("2026-11-20T12:00:05Z", "0 s"),
        ("", ""),
        ("soon", ""),
    ],
)
def test_how_long_ago_is_reported_in_two_units_at_most(began: str, reported: str) -> None:
    assert age(began, NOW) == reported


@pytest.mark.usefixtures("in_new_york")
def test_a_moment_of_docker_s_is_reported_by_the_reader_s_clock() -> None:
    assert local("2026-11-20T05:52:19.123456789Z") == "2026-11-20 00:52:19"
    assert local("2026-07-20T05:52:19+02:00") == "2026-07-19 23:52:19"
    assert local("0001-01-01T00:00:00Z") == "0001-01-01T00:00:00Z"
    assert local("yesterday") == "yesterday"
