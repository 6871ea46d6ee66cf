"""A further version comes into a history; what was known stays as it was."""

from __future__ import annotations

from typing import Any

import pytest

from mmcompose.engines.flags.history import Flag, History, VersionFlags, at, parse
from mmcompose.engines.flags.versions import key
from mmcompose.engines.known.histories import load
from mmcompose.engines.learn.merge import dump, merge, strengthen


def history(engine: str = "vllm") -> History:
    found = load(engine)
    assert found
    return found


def catalogues(one: History, versions: tuple[str, ...]) -> list[dict[str, Flag]]:
    return [dict(VersionFlags(one, one.versions.index(version))) for version in versions]


@pytest.mark.parametrize("version", ["0.34.0", "0.8.6", "0.7.0", "0.33.0"])
def test_a_version_takes_its_place_and_the_others_stay_as_they_were(version: str) -> None:
    old = history()
    flags: dict[str, dict[str, Any]] = {
        "max_num_seqs": {"kind": "int"},
        "brand_new": {"kind": "switch", "off": "no", "aliases": ["--spick-and-span"]},
    }
    new = parse(dump(merge(old, version, flags)))
    keys = [key("release", known) for known in new.versions]
    assert keys == sorted(keys, key=lambda k: k or ((), 0, 0))
    others = tuple(other for other in old.versions if other != version)
    assert catalogues(new, others) == catalogues(old, others)
    assert set(at(new, version)) == {"max_num_seqs", "brand_new"}
    assert new.also["spick_and_span"] == ("brand_new",)


def test_what_a_version_already_says_can_be_merged_again() -> None:
    old = history("sglang")
    shapes = {
        name: dict(old.shapes[row.shape_at(len(old.versions) - 1)])
        for name in at(old, "0.5.23")
        if (row := old.row(name))
    }
    assert dump(merge(old, "0.5.23", shapes)) == dump(old)


def test_a_build_is_sorted_by_its_number_and_keeps_its_commit() -> None:
    new = merge(history("llamacpp"), "b9600", {"metrics": {"kind": "switch"}}, "abcdef123456")
    assert new.versions == ("b4447", "b4579", "b9518", "b9600", "b9665", "b9874", "b11312")
    assert new.place("abcdef123456").standing == "exact"


def test_a_help_text_does_not_make_numbers_into_text() -> None:
    flags = strengthen(history(), {"max_num_seqs": {"kind": "str"}, "port": {"kind": "switch"}, "new": {"kind": "str"}})
    assert flags["max_num_seqs"]["kind"] == "int"
    assert flags["port"] == {"kind": "switch"}  # a switch and a value are told apart by any help text
    assert flags["new"] == {"kind": "str"}
