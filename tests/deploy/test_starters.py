"""Who started what runs, also where mmcompose took a container that plain Compose had made."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmcompose.deploy.start import starters
from tests.deploy.containers import container

ROOT = {"compose_files": ("/p/compose.yaml",)}
THEIRS = "docker compose at the root"


def test_a_container_that_was_started_again_by_us_is_ours(tmp_path: Path) -> None:
    stopped, running = container(status="exited", **ROOT), container(started="later", **ROOT)
    assert starters.started_by(tmp_path, running) == THEIRS
    starters.note(tmp_path, "ocr", [stopped], [running])
    assert starters.started_by(tmp_path, running) == "mmcompose"
    starters.note(tmp_path, "ocr", [running], [running])
    assert starters.started_by(tmp_path, running) == "mmcompose", "another up changes nothing"


def test_a_container_that_ran_already_stays_whose_it_was(tmp_path: Path) -> None:
    running = container(**ROOT)
    starters.note(tmp_path, "ocr", [running], [running])
    assert starters.started_by(tmp_path, running) == THEIRS


def test_docker_s_own_restarts_change_nothing_but_another_s_start_does(tmp_path: Path) -> None:
    starters.note(tmp_path, "ocr", [], [container(started="first", **ROOT)])
    assert starters.started_by(tmp_path, container(started="second", restarts=1, **ROOT)) == "mmcompose"
    assert starters.started_by(tmp_path, container(started="second", **ROOT)) == THEIRS
    assert starters.started_by(tmp_path, container(id="c2", started="first", **ROOT)) == THEIRS


@pytest.mark.parametrize("text", ["", "[]", "{", "3", "[" * 100000])
def test_a_note_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    place = tmp_path / ".mmcompose/starters/ocr.json"
    place.parent.mkdir(parents=True)
    place.write_text(text)
    assert starters.started_by(tmp_path, container(**ROOT)) == THEIRS
