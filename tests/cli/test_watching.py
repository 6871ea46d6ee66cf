"""A page that is looked at again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from mmcompose.cli.printing import streams, watching
from mmcompose.model.failure import Failure


def looks(*pages: list[str] | Failure) -> Callable[[], list[str]]:
    """What is seen, one after the other; then somebody presses Ctrl-C."""
    left: Iterator[list[str] | Failure] = iter(pages)

    def look() -> list[str]:
        page = next(left, None)
        if page is None:
            raise KeyboardInterrupt
        if isinstance(page, Failure):
            raise page
        return page

    return look


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """On a terminal of 20 columns and 4 lines, whose reader never has to wait."""
    printed: list[str] = []
    monkeypatch.setattr(watching, "EVERY", 0.0)
    monkeypatch.setattr(streams, "moving", lambda **_: True)
    monkeypatch.setattr(streams, "draw", lambda text, **_: printed.append(text))
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("LINES", "4")
    return printed


def test_on_a_terminal_each_page_stands_where_the_one_before_stood(drawn: list[str]) -> None:
    watching.watching(looks(["one", "two"], ["three"]))
    assert drawn == ["one\ntwo\n", "\x1b[2A\r\x1b[Jthree\n"]


def test_a_page_is_never_higher_or_wider_than_the_terminal(drawn: list[str]) -> None:
    watching.watching(looks(["x" * 30, "two", "three", "four"]))
    assert drawn == [f"{'x' * 20}\ntwo\n… and 2 lines more\n"]


def test_what_fails_later_is_shown_and_may_mend(drawn: list[str]) -> None:
    watching.watching(looks(["one"], Failure("Docker is silent", 4), ["two"]))
    assert [page.removeprefix("\x1b[1A\r\x1b[J") for page in drawn] == ["one\n", "Docker is silent\n", "two\n"]


def test_what_fails_at_once_is_a_failure(drawn: list[str]) -> None:
    with pytest.raises(Failure, match="Docker does not answer"):
        watching.watching(looks(Failure("Docker does not answer", 4)))
    assert drawn == []


def test_elsewhere_one_page_follows_the_other_and_an_interruption_is_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(watching, "EVERY", 0.0)
    with pytest.raises(KeyboardInterrupt):
        watching.watching(looks(["one"], ["two"]))
    lines = capsys.readouterr().out.splitlines()
    assert lines[1::2] == ["one", "two"]
    assert all(line.count(":") == 2 for line in lines[::2])
