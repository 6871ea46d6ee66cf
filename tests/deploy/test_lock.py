"""One hand-over at a time: who may hold the lock, who may take it over."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from mmcompose.deploy.docker.engine import EngineError, NameTakenError
from mmcompose.deploy.handover import lock
from mmcompose.deploy.handover.lock import held, holder, stale
from mmcompose.deploy.process import place
from mmcompose.model.failure import Failure

NOW = dt.datetime(2026, 11, 20, 6, 0, 0, tzinfo=dt.UTC)


class Engine:
    """Of an engine only this: names that are given once, and a clock."""

    def __init__(self) -> None:
        self.there: dict[str, dict[str, Any]] = {}
        self.made = 0
        self.gone = False

    def reserve(self, name: str, image: str, labels: Mapping[str, str]) -> str:
        if any(one["Name"] == f"/{name}" for one in self.there.values()):
            raise NameTakenError(f'The container name "/{name}" is already in use')
        self.made += 1
        identity = f"c{self.made}"
        config = {"Labels": dict(labels), "Image": image}
        self.there[identity] = {"Id": identity, "Name": f"/{name}", "Config": config, "Created": NOW.isoformat()}
        return identity

    def containers(self, labels: Mapping[str, str | None]) -> list[dict[str, Any]]:
        return [one for one in self.there.values() if set(labels) <= set(one["Config"]["Labels"])]

    def inspect(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        return [one for one in self.there.values() if one["Name"].removeprefix("/") in ids]

    def remove(self, ids: Sequence[str]) -> None:
        if self.gone:
            raise EngineError("Cannot connect to the Docker daemon")
        for identity in ids:
            self.there.pop(identity, None)

    def info(self) -> dict[str, Any]:
        return {"SystemTime": "2026-11-20T06:00:00.123456789Z"}


def foreign(engine: Engine, **labels: str) -> None:
    """A lock that somebody else made."""
    marks = {"mmcompose.lock": "switch", **{f"mmcompose.lock.{name}": value for name, value in labels.items()}}
    engine.reserve(lock.NAME, "image", marks)


def test_it_is_held_once_and_given_back() -> None:
    engine = Engine()
    with held(engine, "image", "switch from aa to bb", 60) as note:  # type: ignore[arg-type]
        assert note == ""
        with (
            pytest.raises(Failure, match=rf"switch from aa to bb by .*, process {os.getpid()}, since 2026"),
            held(engine, "image", "up cc", 60),  # type: ignore[arg-type]
        ):
            pass
    assert engine.there == {}


def test_it_is_given_back_whatever_happens_inside() -> None:
    engine = Engine()
    with pytest.raises(KeyboardInterrupt), held(engine, "image", "up", 60):  # type: ignore[arg-type]
        raise KeyboardInterrupt
    assert engine.there == {}


def test_an_engine_that_has_gone_hides_no_other_failure() -> None:
    engine = Engine()

    def fails() -> None:
        with held(engine, "image", "up", 60):  # type: ignore[arg-type]
            engine.gone = True
            raise ValueError("first")

    with pytest.raises(ValueError, match="first"):
        fails()


def test_a_dead_process_of_this_machine_holds_nothing() -> None:
    engine = Engine()
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    foreign(engine, place=place(), pid=str(dead.pid), began="12345", doing="switch from aa to bb", owner="ann@box")
    with held(engine, "image", "up", 60) as note:  # type: ignore[arg-type]
        assert note.startswith(
            "took over a lock that was left behind (its process is gone): switch from aa to bb by ann@box"
        )
        assert len(engine.there) == 1


def test_a_process_that_has_ended_and_was_not_collected_holds_nothing() -> None:
    ended = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    mine = {"mmcompose.lock.place": place(), "mmcompose.lock.pid": str(ended.pid)}
    began = Path(f"/proc/{ended.pid}/stat").read_text().rpartition(")")[2].split()[19]
    labels = {**mine, "mmcompose.lock.began": began}
    assert stale(labels, NOW.isoformat(), NOW) == ""
    ended.kill()
    while not stale(labels, NOW.isoformat(), NOW):
        time.sleep(0.01)
    ended.communicate()


@pytest.mark.parametrize("lease", ["", "abc", "-1", "1e9", "nan"])
def test_a_lease_that_is_no_number_has_run_out(lease: str) -> None:
    labels = {"mmcompose.lock.place": "another machine", "mmcompose.lock.lease": lease}
    assert stale(labels, "2026-11-20T05:59:00Z", NOW) == "its lease has run out"


def test_a_later_process_with_the_same_number_is_another_one() -> None:
    mine = {"mmcompose.lock.place": place(), "mmcompose.lock.pid": str(os.getpid())}
    assert stale({**mine, "mmcompose.lock.began": "1"}, NOW.isoformat(), NOW) == "its process is gone"


def test_a_holder_elsewhere_is_believed_until_its_lease_runs_out() -> None:
    labels = {"mmcompose.lock.place": "another machine", "mmcompose.lock.lease": "600"}
    assert stale(labels, "2026-11-20T05:50:01.5Z", NOW) == ""
    assert stale(labels, "2026-11-20T05:49:59.123456789Z", NOW) == "its lease has run out"
    assert stale(labels, "no time at all", NOW) == ""
    assert stale(labels, "2026-11-20T05:00:00Z", None) == ""


def test_a_stranger_under_the_name_is_not_removed() -> None:
    engine = Engine()
    engine.reserve(lock.NAME, "image", {})
    with pytest.raises(Failure, match="it is not a lock of mmcompose"), held(engine, "image", "up", 60):  # type: ignore[arg-type]
        pass
    assert len(engine.there) == 1
    assert holder(engine) is None  # type: ignore[arg-type]
