"""Each row of the tables of causes is whole: its words, its source, and a value for whatever it shows."""

from __future__ import annotations

import re
from pathlib import Path

from mmcompose.deploy.causes.engine import concerns
from mmcompose.deploy.causes.reckon import FUNCTIONS
from mmcompose.deploy.causes.recognise import NOT_PULLED
from mmcompose.deploy.causes.row import Row, documents, tables
from mmcompose.engines.known.engine import all_known
from mmcompose.engines.known.histories import load

ENTRIES = [entry for _, document in documents() for entry in document.get("rows", ())]
ROWS = tables().rows
KEYS = {"id", "from", "engines", "lines", "given", "patterns", "more", "reckon", "cause", "next", "source", "releases"}
KEYS |= {"final", "weak", "lasting", "needs"}
KNOWN = {"profile", "host", "image", "repository", "size"}
"""What is always there, whatever was captured."""
NAME = re.compile(r"\{(\w+)\}")


def must(text: str) -> set[str]:
    """The values outside of brackets: without one of them a question mark would be shown."""
    return set(NAME.findall(re.sub(r"\[[^\[\]]*\]", "", text)))


def may(row: Row) -> set[str]:
    captured = {name for pattern in (*row.patterns, *row.more) for name in pattern.groupindex}
    return captured | {name for name, _ in row.reckon} | KNOWN | {"holder", "limit", "peak", "registry"}


def test_each_row_has_what_it_needs() -> None:
    for entry in ENTRIES:
        assert set(entry) <= KEYS, entry
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", entry["id"]), entry
        assert all(len(entry[key].strip()) > 3 for key in ("cause", "next", "source")), entry
        assert entry.get("lines", "chain") in ("final", "chain", "any", "pointer"), entry
        assert all(isinstance(text, str) for key in ("patterns", "more") for text in entry.get(key, ())), entry


KEYS_OF_A_PROFILE = set(
    re.findall(r"^\| `([a-z_]+)", (Path(__file__).parents[2] / "docs/keys.md").read_text(), re.MULTILINE)
)
EXPLAINED = re.compile(r"explain \{profile\} ((?:[a-z_]+[\w.]*)(?:, [a-z_]+[\w.]*)*)")


def test_the_advice_of_a_row_asks_only_for_keys_that_a_profile_has() -> None:
    for row in ROWS:
        requested = {key.partition(".")[0] for keys in EXPLAINED.findall(row.next) for key in keys.split(", ")}
        assert requested - {"tells", "shows"} <= KEYS_OF_A_PROFILE, row


FLAGS = {
    engine: {*history.flags, *history.also}
    for engine in [one.name for one in all_known()]
    for history in [load(engine)]
    if history
}
"""Every flag that a release of the engine had, with its other spellings."""


def test_the_advice_of_a_row_names_only_flags_that_its_engine_has() -> None:
    for row in ROWS:
        there = {flag for engine, flags in FLAGS.items() if concerns(row, engine, "") for flag in flags}
        assert not row.engines or set(re.findall(r"args\.([a-z_0-9]+)", row.next)) <= there, row


def test_the_advice_of_a_row_fits_on_two_lines_of_a_terminal() -> None:
    assert {row.id: row.next for row in ROWS if len(row.next) > 160} == {}


def test_a_row_shows_only_what_its_patterns_capture() -> None:
    for row in ROWS:
        assert row.patterns, row
        assert row.speaker in ("engine", "docker", "registry"), row
        always = set.intersection(*(set(pattern.groupindex) for pattern in row.patterns)) | KNOWN
        reckoned = {name for name, arguments in row.reckon if set(arguments[1:]) <= always}
        assert must(row.cause) | must(row.next) <= always | reckoned, row
        assert set(NAME.findall(row.cause + row.next)) <= may(row), row
        assert all(arguments[0] in FUNCTIONS for _, arguments in row.reckon), row
        assert set(row.needs) <= always | {name for name, _ in row.reckon}, row


def test_a_row_names_engines_that_there_are_or_families_of_them() -> None:
    names = {name for one in all_known() for name in (one.name, *one.writes_like)}
    assert {engine for row in ROWS for engine in row.engines} <= names


def test_each_way_to_speak_has_rows() -> None:
    assert {row.speaker for row in ROWS} == {"engine", "docker", "registry"}
    assert len(ROWS) > 350


def test_an_image_counts_as_not_fetched_only_by_what_a_registry_or_its_answer_says() -> None:
    """A damaged store of Docker concerns the image that is here as well."""
    assert set(NOT_PULLED) <= {row.id for row in ROWS if row.speaker == "registry"}
    assert "storage-damaged" not in NOT_PULLED
