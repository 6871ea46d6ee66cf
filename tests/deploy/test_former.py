"""The values that a profile goes back to are those that ran here, never those that a commit brought."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from mmcompose.deploy.docker.engine import DockerEngine, Files
from mmcompose.deploy.start import aside
from mmcompose.deploy.start.former import files_of, remember
from mmcompose.deploy.start.order import Order
from mmcompose.deploy.wanted import WantedProfile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mmcompose.deploy.docker.observe import Running


class Agreeable:
    """An engine that finds every file to be what the running containers were made from."""

    def hashes(self, _files: Files) -> dict[str, str]:
        return {}


ENGINE = cast("DockerEngine", Agreeable())
NOBODY: Sequence[Running] = ()


@pytest.fixture
def started(tmp_path: Path) -> Order:
    files = aside.overridden(
        tmp_path, "mm", "aa", {f"compose/{path}": "{}\n" for path in ("aa.yaml", "profiles/aa.yaml")}
    )
    remember(Order(WantedProfile("mm", "aa", "cpu", ()), files, tmp_path))
    other = files._replace(paths=())
    return Order(WantedProfile("mm", "aa", "cpu", ()), other, tmp_path)


def test_the_files_of_the_last_start_that_answered_are_found_again(started: Order) -> None:
    found = files_of(ENGINE, started, NOBODY)
    assert found is not None
    assert found.paths[0] == started.root / ".mmcompose/answered/aa.yaml"


@pytest.mark.parametrize("path", ["aa.yaml", "profiles/aa.yaml"])
def test_files_that_nobody_here_kept_are_not_gone_back_to(started: Order, path: str) -> None:
    place = started.root / ".mmcompose/answered" / path
    place.write_text("services: {evil: {image: x, privileged: true}}\n")
    assert files_of(ENGINE, started, NOBODY) is None


def test_files_of_one_profile_do_not_serve_for_another(started: Order) -> None:
    answered = started.root / ".mmcompose/answered"
    for name in ("aa.yaml", "profiles/aa.yaml", "aa.seal"):
        (answered / name).rename(answered / name.replace("aa", "bb"))
    other = Order(WantedProfile("mm", "bb", "cpu", ()), started.files._replace(profile="bb"), started.root)
    assert files_of(ENGINE, other, NOBODY) is None


@pytest.fixture
def edited(tmp_path: Path) -> Order:
    """A committed start that answered, with a mounted file; its files were written over since."""
    for path in ("aa.yaml", "profiles/aa.yaml", "config/aa/aa/config.json"):
        place = tmp_path / "compose" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("{}\n")
    order = Order(WantedProfile("mm", "aa", "cpu", ()), aside.committed(tmp_path, "mm", "aa"), tmp_path)
    remember(order)
    (tmp_path / "compose/aa.yaml").write_text("{new: 1}\n")
    return order


def test_committed_files_that_answered_are_found_again_when_others_stand_in_their_place(edited: Order) -> None:
    found = files_of(ENGINE, edited, NOBODY)
    assert found is not None
    assert (found.paths[0].read_text(), found.folder) == ("{}\n", edited.root / "compose")


def test_they_are_not_when_a_file_that_they_mount_is_another(edited: Order) -> None:
    (edited.root / "compose/config/aa/aa/config.json").write_text("[]\n")
    assert files_of(ENGINE, edited, NOBODY) is None
