"""Long lines: broken at blanks, never inside a path or a command."""

from __future__ import annotations

import pytest

from mmcompose.core.wrapping import wrapped

PATH = "/srv/a/folder/whose/name/is/longer/than/one/line/of/a/narrow/terminal/model.gguf"


def test_a_line_continues_below_at_a_blank() -> None:
    lines = wrapped("one two three four five six seven eight nine ten", 25).splitlines()
    assert lines == ["one two three four five", "  six seven eight nine", "  ten"]


@pytest.mark.parametrize(
    "kept",
    [
        "mmcompose -C /srv/models logs chat -n 50",
        "docker volume rm mm-chat-cache",
        "`mmcompose hosts detect NAME --write`",
        "profiles/models/a-name.yaml:12:3:",
        PATH,
    ],
)
@pytest.mark.parametrize("before", ["x" * 3, "some words", "some more words than there is room for beside it"])
def test_what_somebody_may_copy_is_never_broken(before: str, kept: str) -> None:
    lines = wrapped(f"{before}: type {kept}, then look again at what it says", 50).splitlines()
    assert len(lines) > 1
    assert any(kept in line for line in lines)
    assert all(len(line) <= 50 for line in lines if kept not in line)


def test_a_command_that_no_line_has_room_for_is_broken_between_its_text() -> None:
    lines = wrapped("type `mmcompose bench show 20261120T060000Z-ocr-aaaaaa --format md` for all", 40).splitlines()
    assert lines == ["type `mmcompose bench show", "  20261120T060000Z-ocr-aaaaaa --format", "  md` for all"]


def test_no_text_is_lost_or_added() -> None:
    text = f"  weights.path: {PATH} is no file here (write roots: [/srv/a] under machine: in the host file)"
    assert wrapped(text, 40).split() == text.split()
    assert wrapped(text, 40).startswith("  weights.path:")


def test_columns_keep_their_blanks_where_nothing_is_broken() -> None:
    lines = wrapped("  ok      docker    Docker Engine answers at a socket (`docker ps` shows it)", 50, " " * 20)
    assert lines.splitlines() == [
        "  ok      docker    Docker Engine answers at a",
        f"{' ' * 20}socket (`docker ps` shows it)",
    ]


def test_texts_that_stand_before_the_line_take_their_room() -> None:
    assert wrapped("four five six", 20, begins=10) == "four five\n  six"


@pytest.mark.parametrize("width", [None, 100])
def test_where_there_is_room_nothing_changes(width: int | None) -> None:
    assert wrapped("one  two", width) == "one  two"
