"""Who owns the folders of results: root makes them for the user that the rendered benchmark runs as."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mmcompose.bench.run.folders import make, owner, prepare

if TYPE_CHECKING:
    from pathlib import Path

Owners = dict[str, tuple[int, int]]


@pytest.fixture
def given_away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Owners:
    """What root gives to whom, on a machine on which the test need not be root."""
    found: Owners = {}

    def chown(path: Path, uid: int, gid: int) -> None:
        found[str(path.relative_to(tmp_path))] = (uid, gid)

    monkeypatch.setattr(os, "chown", chown)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return found


def test_what_root_makes_belongs_to_the_user_of_the_benchmark(tmp_path: Path, given_away: Owners) -> None:
    prepare(tmp_path / "results", "sanity", "1000:1001")
    assert given_away == {"results": (1000, 1001), "results/sanity": (1000, 1001)}
    assert (tmp_path / "results/.gitkeep").exists()


def test_what_was_there_is_left_to_whom_it_belongs(tmp_path: Path, given_away: Owners) -> None:
    (tmp_path / "results").mkdir()
    prepare(tmp_path / "results", "load", "1000:1000")
    prepare(tmp_path / "results", "load", "1002:1002")
    assert given_away == {"results/load": (1000, 1000)}
    assert not (tmp_path / "results/.gitkeep").exists()


@pytest.mark.parametrize("user", ["", "bench", "bench:bench"])
def test_nobody_in_particular_is_given_nothing(tmp_path: Path, given_away: Owners, user: str) -> None:
    make(tmp_path / "results", user)
    assert given_away == {}


def test_whoever_is_not_root_keeps_what_they_make(
    tmp_path: Path, given_away: Owners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    make(tmp_path / "results", "1001:1001")
    assert given_away == {}
    assert owner(tmp_path / "results") == f"{os.getuid()}:{(tmp_path / 'results').stat().st_gid}"


def test_a_folder_belongs_to_whoever_owns_the_one_that_it_is_made_in(tmp_path: Path, given_away: Owners) -> None:
    make(tmp_path / "vram/run")
    reported = tmp_path.stat()
    assert given_away == {"vram": (reported.st_uid, reported.st_gid), "vram/run": (reported.st_uid, reported.st_gid)}


@pytest.mark.parametrize("link", ["benchmarks/results", "benchmarks/results/load"])
def test_results_are_never_written_through_a_link_out_of_the_project(tmp_path: Path, link: str) -> None:
    results = tmp_path / "p/benchmarks/results"
    (tmp_path / "outside").mkdir()
    (tmp_path / "p" / link).parent.mkdir(parents=True)
    (tmp_path / "p" / link).symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match=r"allow it in mmcompose\.yaml: allow_links:"):
        prepare(results, "load", "")
    assert list((tmp_path / "outside").iterdir()) == []
