"""A commit can bring a link to a device in the place of a result, and anybody a pipe: nobody reads them without end."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mmcompose.bench.suite import state
from mmcompose.deploy.start import starters
from mmcompose.deploy.start.former import FOLDER, files_of
from mmcompose.files.reading import opened
from tests.bench import making
from tests.deploy.containers import container
from tests.deploy.test_former import ENGINE, NOBODY, edited
from tests.disk import mmcompose, project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mmcompose.deploy.start.order import Order

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
__all__ = ["edited"]


def endless(place: Path) -> None:
    place.symlink_to("/dev/zero")


PLACED = [os.mkfifo, endless]


@pytest.mark.parametrize("put", PLACED)
@pytest.mark.parametrize("name", ["result.json", "requests.jsonl", "series.csv"])
def test_a_run_with_a_file_that_is_none_ends(tmp_path: Path, name: str, put: Callable[[Path], None]) -> None:
    folder = project(tmp_path / "p", {})
    run = folder / "benchmarks/results/load/20260101T000000Z-chat-aaaaaa"
    making.run(run, (8,), count=20)
    (run / name).unlink(missing_ok=True)
    put(run / name)
    assert mmcompose(folder, "bench", "list").code == 0
    for command in ("show", "report"):
        mmcompose(folder, "bench", command, str(run))


@pytest.mark.parametrize("put", PLACED)
def test_what_is_kept_beside_the_project_is_read_likewise(
    tmp_path: Path, edited: Order, put: Callable[[Path], None]
) -> None:
    (tmp_path / state.STATE).unlink(missing_ok=True)
    put(tmp_path / state.STATE)
    assert not state.read(tmp_path).done
    for path in (".mmcompose/starters/chat.json", f"{FOLDER}/aa.yaml"):
        place = edited.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        put(place)
    assert starters.started_by(edited.root, container(profile="chat"))
    assert files_of(ENGINE, edited, NOBODY) is None


@pytest.mark.parametrize("put", PLACED)
def test_settings_that_are_no_file_end_every_command(tmp_path: Path, put: Callable[[Path], None]) -> None:
    folder = project(tmp_path, {})
    (folder / "mmcompose.yaml").unlink()
    put(folder / "mmcompose.yaml")
    for command in ("validate", "list", "render", "status"):
        assert mmcompose(folder, command).code != 0


@pytest.mark.parametrize("put", PLACED)
def test_only_a_file_is_opened(tmp_path: Path, put: Callable[[Path], None]) -> None:
    put(tmp_path / "x")
    with pytest.raises(OSError, match="it is no file"):
        opened(tmp_path / "x")
