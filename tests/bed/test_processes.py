"""A daemon is found again, and only the very process that was started is ended."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.bed import debian, permission, pins, processes
from tests.bed.commands import BedError

if TYPE_CHECKING:
    from pathlib import Path


def begin(folder: Path, script: str) -> Path:
    record = folder / "process.json"
    processes.start(["sh", "-c", script], record, folder / "log", (folder / "up").exists, os.environ)
    return record


def test_a_daemon_is_found_again_and_ended(tmp_path: Path) -> None:
    record = begin(tmp_path, f"touch {tmp_path}/up; exec sleep 60")
    assert processes.alive(record)
    assert processes.end(record)
    assert processes.alive(record) is None
    assert not processes.end(record)


def test_a_daemon_that_will_not_end_is_killed(tmp_path: Path) -> None:
    record = begin(tmp_path, f"trap '' TERM; touch {tmp_path}/up; while :; do sleep 1; done")
    assert processes.end(record, patience=0.2)
    assert not record.exists()


def test_another_process_that_has_the_number_now_is_left_alone(tmp_path: Path) -> None:
    record = tmp_path / "process.json"
    record.write_text(json.dumps({"pid": os.getpid(), "begun": "1", "command": []}))
    assert processes.alive(record) is None
    assert not processes.end(record)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "many"}', '{"pid": 1}', "\0"])
def test_a_damaged_record_names_nobody(text: str, tmp_path: Path) -> None:
    record = tmp_path / "process.json"
    record.write_text(text)
    assert processes.alive(record) is None


def test_a_daemon_that_dies_is_reported_with_its_last_lines(tmp_path: Path) -> None:
    with pytest.raises(BedError, match="no such bridge"):
        begin(tmp_path, "echo no such bridge; exit 1")


@pytest.mark.heavy
@pytest.mark.skipif(not permission.is_root_on_debian(), reason=f"not root on Debian {pins.HOST_SUITE}")
def test_an_unpacking_that_was_killed_half_way_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMCOMPOSE_BED", str(tmp_path))
    half = tmp_path / "small.half"
    (half / "usr").mkdir(parents=True)
    (half / "usr" / "rest-of-the-last-try").touch()
    debian.unpack(pins.HOST_SUITE, {"tini": "*"}, tmp_path / "small")
    assert (tmp_path / "small/usr/bin/tini-static").exists()
    assert not half.exists()
    assert not (tmp_path / "small/usr/rest-of-the-last-try").exists()
