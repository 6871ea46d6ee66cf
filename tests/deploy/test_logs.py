"""Logs of containers: who said what, when, and in which of its runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mmcompose.deploy.docker import logs
from mmcompose.deploy.docker.engine import EngineError
from mmcompose.deploy.docker.logs import Options
from mmcompose.deploy.docker.observe import Running
from tests.deploy.containers import container

NOON = "2026-11-20T12:00:"
RUNS = [
    f"{NOON}01.000000000Z loading",
    f"{NOON}02.100000000Z last words, stamped after its end",
    f"{NOON}04.000000000Z loading again",
    f"{NOON}06.000000000Z ready",
]
TWICE: dict[str, Any] = {"finished": f"{NOON}05.5Z", "started": f"{NOON}05.8Z", "created": f"{NOON}00Z"}


def life(action: str, seconds: float, code: str = "") -> dict[str, Any]:
    nanos = 1_795_176_000_000_000_000 + int(seconds * 1_000_000_000)
    return {"Action": action, "timeNano": nanos, "Actor": {"Attributes": {"exitCode": code} if code else {}}}


class Kept:
    """What an engine has kept of a container."""

    def __init__(self, printed: list[str], lives: list[dict[str, Any]] | None = None) -> None:
        self.printed, self.events = printed, lives
        self.requested: dict[str, Any] = {}

    def logs(self, _: str, **requested: Any) -> Iterator[str]:
        self.requested = requested
        return iter(line if requested["stamped"] else line.partition(" ")[2] for line in self.printed)

    def lives(self, *_: str) -> list[dict[str, Any]]:
        if self.events is None:
            raise EngineError("no events")
        return self.events


def read(kept: Kept, *found: Running, several: bool = False, **requested: Any) -> list[str]:
    return list(logs.lines(kept, logs.names(found, several=several), found, Options(**requested)))  # type: ignore[arg-type]


def test_a_log_keeps_its_lines_and_each_bears_a_name() -> None:
    printed = ["t ::set-output name=x::y", "t ", "t 10%\r90%\rdone"]
    assert read(Kept(printed), container()) == [
        "ocr | ::set-output name=x::y",
        "ocr | ",
        "ocr | 10%",
        "ocr | 90%",
        "ocr | done",
    ]


def test_of_several_profiles_each_line_says_which() -> None:
    two = (container(id="1"), container(id="2", profile="orders", service="ovms"))
    assert read(Kept(["t a"]), *two, several=True) == ["ocr         | a", "orders/ovms | a"]


def test_between_two_runs_a_line_says_how_the_first_ended() -> None:
    events = [life("start", 0.5), life("die", 2, "1"), life("start", 3), life("die", 5.5, "7"), life("start", 5.8)]
    assert read(Kept(RUNS, events), container(**TWICE)) == [
        "ocr | loading",
        "ocr | last words, stamped after its end",
        "ocr | --- ended with exit code 1 at 2026-11-20 12:00:02, and began again ---",
        "ocr | loading again",
        "ocr | --- ended with exit code 7 at 2026-11-20 12:00:05, and began again ---",
        "ocr | ready",
    ]


def test_what_the_engine_has_forgotten_it_still_tells_of_the_last_run() -> None:
    assert read(Kept(RUNS[2:]), container(**TWICE)) == [
        "ocr | loading again",
        "ocr | --- ended at 2026-11-20 12:00:05, and began again ---",
        "ocr | ready",
    ]


def test_nothing_stands_before_the_first_line_that_is_shown() -> None:
    assert read(Kept(RUNS[3:]), container(**TWICE)) == ["ocr | ready"]


def test_a_moment_is_reported_by_the_reader_s_clock_where_it_is_requested() -> None:
    kept = Kept(RUNS[:1])
    assert read(kept, container(), stamped=True, tail=3, since="10m") == ["ocr | 2026-11-20 12:00:01.000 loading"]
    assert kept.requested == {"tail": 3, "since": "10m", "follow": False, "stamped": True}


def test_moments_inside_a_line_that_docker_kept_in_pieces_are_taken_out() -> None:
    piece = "x" * logs._PIECE
    line = f"{NOON}01.000000000Z {piece}{NOON}01.000000001Z y"
    assert read(Kept([line]), container(), stamped=True) == [f"ocr | 2026-11-20 12:00:01.000 {piece}y"]


@pytest.mark.parametrize(
    "text", ["10m", "1h30m", "1.5h", "90s", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00.5Z", "1760000000"]
)
def test_docker_s_own_forms_of_a_moment_are_known(text: str) -> None:
    assert logs.is_moment(text)


@pytest.mark.parametrize("text", ["", "1d", "yesterday", "10 m", "2026-13-01", "2026-1-1", "--tail", "10m\n"])
def test_what_docker_would_refuse_is_none(text: str) -> None:
    assert not logs.is_moment(text)
