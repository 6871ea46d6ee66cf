"""An edit changes one value of a file and nothing else: comments, layout and every other value stay."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmcompose.core.edit.in_place import CannotEdit, edit, flow, remove
from mmcompose.core.read.load import load_text
from mmcompose.model import Path
from tests.making import ROOT, tree

OCR = """\
# What this is for.
model: glm-ocr   # the small one

args:
  max_num_seqs: 16  # sixteen
  # about the cache
  kv_cache_dtype: fp8
gpu: {count: 1, share: exclusive}
bench: [sanity, load]
notes: |
  two
  lines
why:
"""


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (("model",), "other", "model: glm-ocr   #", "model: other   #"),
        (("args", "max_num_seqs"), 8, "max_num_seqs: 16  # sixteen", "max_num_seqs: 8  # sixteen"),
        (("args", "kv_cache_dtype"), "a: b", "kv_cache_dtype: fp8\n", 'kv_cache_dtype: "a: b"\n'),
        (("args", "kv_cache_dtype"), "1.10", "kv_cache_dtype: fp8\n", 'kv_cache_dtype: "1.10"\n'),
        (("gpu", "share"), "shared", "share: exclusive}", "share: shared}"),
        (("gpu", "vram"), "4g", "exclusive}", "exclusive, vram: 4g}"),
        (("bench", 1), "ocr-sweep", "[sanity, load]", "[sanity, ocr-sweep]"),
        (("bench", 2), "ocr-sweep", "[sanity, load]", "[sanity, load, ocr-sweep]"),
        (("bench",), ["load"], "[sanity, load]", "[load]"),
        (("args", "new"), True, "fp8\n", "fp8\n  new: true\n"),
        (("notes",), "one", "notes: |\n  two\n  lines\n", "notes: one\n"),
        (("why", "args.max_num_seqs"), "because", "why:\n", "why: {args.max_num_seqs: because}\n"),
        (("env", "A"), "b", "why:\n", "why:\nenv:\n  A: b\n"),
        (("gpu",), None, "{count: 1, share: exclusive}", "null"),
    ],
)
def test_one_value_changes_and_every_other_character_stays(path: Path, value: Any, old: str, new: str) -> None:
    assert OCR.count(old) == 1
    assert edit(OCR, path, value) == OCR.replace(old, new)


@pytest.mark.parametrize(
    ("text", "path", "value", "want"),
    [
        ("", ("a", "b"), 1, "a:\n  b: 1\n"),
        ("# a remark\n", ("a",), 1, "# a remark\na: 1\n"),
        ("# a remark", ("a",), 1, "# a remark\na: 1\n"),
        ("a: 1", ("a",), 2, "a: 2"),
        ("a: 1", ("b",), 2, "a: 1\nb: 2\n"),
        ("a:", ("a",), 2, "a: 2"),
        ("a: 1\r\nb: 2\r\n", ("c",), 3, "a: 1\r\nb: 2\r\nc: 3\r\n"),
        ("\ufeffa: 1\n", ("a",), 2, "\ufeffa: 2\n"),
        ("---\na: 1\n", ("a",), 2, "---\na: 2\n"),
        ("{a: 1}\n", ("b",), 2, "{a: 1, b: 2}\n"),
        ("a: {}\n", ("a", "b"), 2, "a: {b: 2}\n"),
        ("a:\n- 1\n- 2\n", ("a", 0), 3, "a:\n- 3\n- 2\n"),
    ],
)
def test_an_edit_of_a_text_of_another_form(text: str, path: Path, value: Any, want: str) -> None:
    assert edit(text, path, value) == want


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("a: &x {k: 1}\nb: *x\n", ("b", "k"), 2),
        ("a: &x {k: 1}\nb: *x\n", ("a", "k"), 2),
        ("a: [1]\n", ("a", 5), 2),
        ("- a\n", ("a",), 1),
        ("a: 1\na: 2\n", ("a",), 3),
        ("a: [\n", ("a",), 3),
        ("a: 5\n", ("a", "b"), 3),
    ],
)
def test_an_edit_that_would_change_something_else_is_refused(text: str, path: Path, value: Any) -> None:
    with pytest.raises(CannotEdit):
        edit(text, path, value)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (("args", "max_num_seqs"), "  max_num_seqs: 16  # sixteen\n", ""),
        (("gpu", "count"), "{count: 1, share", "{share"),
        (("gpu", "share"), ", share: exclusive}", "}"),
        (("model",), "model: glm-ocr   # the small one\n", ""),
        (("bench",), "bench: [sanity, load]\n", ""),
    ],
)
def test_a_key_is_removed_with_its_line_and_nothing_else(path: Path, old: str, new: str) -> None:
    assert OCR.count(old) == 1
    assert remove(OCR, path) == OCR.replace(old, new)


def test_what_is_not_there_cannot_be_removed() -> None:
    with pytest.raises(CannotEdit, match="does not exist"):
        remove(OCR, ("args", "nothing"))


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
names = st.text(st.characters(codec="ascii", exclude_characters="\0<"), min_size=1)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)


@given(values)
def test_any_value_is_written_so_that_it_reads_back(value: Any) -> None:
    made, faults = load_text("", "", f"a: {flow(value)}\n")
    assert not faults, flow(value)
    assert made is not None
    assert "\n" not in flow(value)
    assert edit("b: 1\n", ("a",), value).startswith("b: 1\n")


COMMENT = re.compile(r"(?:^|\s)#.*$", re.MULTILINE)
FILES = sorted((ROOT / "profiles").rglob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_value_of_every_shipped_file_can_be_changed_alone(path: Any) -> None:
    text = path.read_text(encoding="utf-8")
    for place, leaf in tree(text).leaves():
        if leaf.value == () or isinstance(leaf.value, tuple):
            continue
        made = edit(text, place, "changed")
        changed = tree(made).at(place)
        assert changed is not None
        assert changed.value == "changed"
        assert len(COMMENT.findall(made)) == len(COMMENT.findall(text)), place
