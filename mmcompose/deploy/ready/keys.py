"""Reads secrets that engines get as files: the key that clients send, and texts that no message may show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from mmcompose.deploy.wanted import Expected

_LONGEST = 8192
"""Bytes; servers accept no longer header."""

_SHORTEST = 4
"""Characters; a shorter secret occurs in many texts by chance, so it is not hidden."""

_PLAIN = re.compile(r"[\x21-\x7e]+( [\x21-\x7e]+)*")


class BadKeyError(Exception):
    """Reports a secret whose content cannot be sent. The message names the file, never the content."""


def key(root: Path, expected: Expected) -> str | None:
    """The bearer token that the engine expects; None if the file is missing or unreadable."""
    if not expected.secret:
        return None
    content = _read(root / expected.secret)
    return None if content is None else _text(expected.secret, content) or None


def check_file(path: str) -> None:
    """Raises BadKeyError if clients cannot send the content of this file."""
    place = Path(path)
    if not place.exists():
        raise BadKeyError(f"{path} does not exist")
    if not place.is_file():
        raise BadKeyError(f"{path} is no file")
    content = _read(place)
    if content is None:
        raise BadKeyError(f"{path} may not be read")
    if not _text(path, content):
        raise BadKeyError(f"{path} is empty")


def _text(path: str, content: bytes) -> str:
    text = content.decode("utf-8", "replace").strip()
    if text and (len(content) > _LONGEST or not is_plain(text)):
        raise BadKeyError(f"{path} is not one line of plain characters")
    return text


def is_plain(text: str) -> bool:
    """Whether the text may stand in a request."""
    return bool(_PLAIN.fullmatch(text))


def hiding(root: Path, files: Iterable[str]) -> Callable[[str], str]:
    """A function that replaces the contents of these secrets in any text."""
    lines: set[str] = set()
    for path in files:
        content = _read(root / path) or b""
        lines |= {line.strip() for line in content.decode("utf-8", "replace").splitlines()}
    known = sorted((line for line in lines if len(line) >= _SHORTEST), key=len, reverse=True)
    if not known:
        return lambda text: text
    pattern = re.compile("|".join(map(re.escape, known)))
    return lambda text: pattern.sub("(secret)", text)


def _read(place: Path) -> bytes | None:
    """The beginning of a file; None if it cannot be read."""
    try:
        if not place.is_file():
            return None
        with place.open("rb") as file:
            return file.read(_LONGEST + 1)
    except (OSError, ValueError):
        return None
