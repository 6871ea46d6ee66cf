"""The histories are what they were made from: counts, names, and a round trip through their own text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mmcompose.engines.flags.history import ABSENT, History, VersionFlags, at, parse
from mmcompose.engines.flags.versions import key, place
from mmcompose.engines.known import folder
from mmcompose.engines.known.histories import load, names
from mmcompose.engines.learn.merge import dump

NAMES = Path(__file__).parent / "data/vllm-0.32.0-names.txt"
MAINTAINED = ("vllm", "vllm-bench-serve", "sglang", "llamacpp", "ik_llama", "trtllm", "ovms")

# "engine version count". Counted in the engines' own parsers (SGLang; vLLM but 0.15.x), elsewhere in their sources or
# documentation. Positional arguments and help are no flags that a profile can set.
COUNTS = [line.split() for line in (Path(__file__).parent / "data/counts.txt").read_text().splitlines()]


def known(engine: str) -> History:
    history = load(engine)
    assert history
    return history


@pytest.mark.parametrize(("engine", "version", "count"), COUNTS)
def test_each_version_has_as_many_flags_as_its_source(engine: str, version: str, count: str) -> None:
    assert len(at(known(engine), version)) == int(count)


@pytest.mark.parametrize("engine", MAINTAINED)
def test_every_version_is_counted(engine: str) -> None:
    assert [version for name, version, _ in COUNTS if name == engine] == list(known(engine).versions)


@pytest.mark.parametrize("engine", MAINTAINED)
def test_a_history_written_again_is_the_same_text(engine: str) -> None:
    text = folder.text(engine, "flags.json") or ""
    assert dump(parse(text)) == text


@pytest.mark.parametrize("engine", names())
def test_every_stored_shape_makes_a_flag(engine: str) -> None:
    history = known(engine)
    assert history.engine == engine
    assert history.title
    for index in range(len(history.versions)):
        for name, flag in VersionFlags(history, index).items():
            assert flag.name == name
            assert flag.option.startswith("--")
            assert not flag.off or flag.off.startswith(("--", "-", "="))


@pytest.mark.parametrize("engine", names())
def test_rows_are_in_order_and_say_nothing_twice(engine: str) -> None:
    history = known(engine)
    for name in history.flags:
        row = history.row(name)
        assert row
        assert list(row.starts) == sorted(set(row.starts))
        assert row.shapes[0] != ABSENT
        assert all(a != b for a, b in zip(row.shapes, row.shapes[1:], strict=False))
        assert max(row.starts) < len(history.versions)
        assert max(row.shapes) < len(history.shapes)


@pytest.mark.parametrize("engine", names())
def test_versions_are_sorted_and_known_by_themselves(engine: str) -> None:
    history = known(engine)
    if history.order != "commit":
        keys = [key(history.order, version) for version in history.versions]
        assert keys == sorted(keys, key=lambda k: k or ((), 0, 0))
    for index, version in enumerate(history.versions):
        assert history.place(version)[:2] == (index, index)


def test_the_316_names_of_the_parser_of_vllm_0_32_0() -> None:
    names = NAMES.read_text().split()
    assert len(names) == 316
    assert sorted(at(known("vllm"), "0.32.0")) == sorted(name.replace("-", "_") for name in names)


def test_every_note_and_fix_is_about_a_flag_and_leads_to_one() -> None:
    for engine in names():
        history = known(engine)
        for name in {*history.notes, *history.fixes}:
            assert name in history.flags or name in history.also, f"{engine}: {name}"
        for name, fix in history.fixes.items():
            assert not fix.to or fix.to in history.flags, f"{engine}: {name}: {fix.to}"


@pytest.mark.parametrize(
    ("order", "version", "low", "high", "standing"),
    [
        ("release", "0.9.0", 0, 0, "exact"),
        ("release", "v0.9.0.1", 1, 1, "exact"),
        ("release", "0.9.0-cu129", 0, 0, "exact"),
        ("release", "0.9", 0, 0, "exact"),
        ("release", "0.9.1.post1", 2, 2, "exact"),
        ("release", "0.9.1", 1, 2, "between"),
        ("release", "0.9.0rc1", 0, 0, "older"),
        ("release", "0.9.1.post2", 2, 2, "newer"),
        ("release", "1.0.0", 2, 2, "newer"),
        ("release", "0.8.5", 0, 0, "older"),
        ("release", "nightly", 2, 2, "unknown"),
        ("release", "", 2, 2, "unknown"),
        ("release", "9" * 500, 2, 2, "unknown"),
        ("release", "0.9.0\n", 0, 0, "exact"),
    ],
)
def test_where_a_release_stands(order: str, version: str, low: int, high: int, standing: str) -> None:
    known_ones = ["0.9.0", "0.9.0.1", "0.9.1.post1"]
    assert place("release", known_ones, version) == (low, high, standing)


@pytest.mark.parametrize(
    ("version", "low", "high", "standing"),
    [
        ("b4447", 0, 0, "exact"),
        ("server-cuda-b4579", 1, 1, "exact"),
        ("4579", 1, 1, "exact"),
        ("b4521", 0, 1, "between"),
        ("b9999", 1, 1, "newer"),
        ("b1", 0, 0, "older"),
        ("794fe23f29fb40104975c91fe19f23798f7c726e", 1, 1, "exact"),
        ("794fe23", 1, 1, "exact"),
        ("deadbeef", 1, 1, "unknown"),
        ("latest", 1, 1, "unknown"),
    ],
)
def test_where_a_build_stands(version: str, low: int, high: int, standing: str) -> None:
    assert place("build", ["b4447", "b4579"], version, ["f7cd13301c2a", "794fe23f29fb"]) == (low, high, standing)


def test_the_data_is_plain_json_with_one_shape_per_line() -> None:
    for engine in MAINTAINED:
        text = folder.text(engine, "flags.json") or ""
        assert len(text.splitlines()) > len(json.loads(text)["shapes"])
