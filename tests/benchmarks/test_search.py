"""Where the search for the knee begins, and that a log is not filled on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from .serving import bench, serving


@pytest.mark.parametrize(
    ("options", "first"),
    [((), "c=1"), (("--concurrency", "16"), "c=16")],
    ids=["of itself", "sixteen"],
)
def test_the_search_begins_where_the_options_say(tmp_path: Path, options: tuple[str, ...], first: str) -> None:
    with serving() as server:
        few = ("--requests", "4", "--warm-up", "0", "--search-limit", "32")
        run = bench("load", server.url, tmp_path, "--search", "knee", *few, *options)
    assert run.result["points"][0]["name"] == first
    assert run.result["knee"]["definition"]


def test_without_a_search_the_load_is_of_sixteen(tmp_path: Path) -> None:
    with serving() as server:
        run = bench("load", server.url, tmp_path, "--requests", "16", "--warm-up", "0")
    assert [point["name"] for point in run.result["points"]] == ["c=16"]


def test_levels_that_are_short_do_not_fill_a_log(tmp_path: Path) -> None:
    with serving() as server:
        few = ("--concurrency", "1,2,3,4", "--requests", "4", "--warm-up", "0")
        run = bench("load", server.url, tmp_path, *few)
    assert run.code == 0
    assert run.err.count(" in flight, ") == 1
