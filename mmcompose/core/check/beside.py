"""Judges files that lie beside the generated ones and change what they do: Compose merges them, or an image copies
them.

Rendered files are compared byte by byte elsewhere; this file judges those that no render wrote.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatchcase

from mmcompose.core.hints import listing
from mmcompose.model import Allowed, Origin, Problem
from mmcompose.model.targets import BUILD, COMPOSE, CONFIG

KEPT_BY_COMPOSE = frozenset(
    f"{name}.{ending}"
    for name in ("compose", "docker-compose", "compose.override", "docker-compose.override")
    for ending in ("yaml", "yml")
)
"""Every name under which Compose looks for a file by itself."""
DOTENV = ".env"
_READ_BY_NOBODY = ("README", "README.md", "README.rst", "README.txt", ".git*", ".DS_Store", ".*.sw?", "*~")
"""Files that people, git and editors leave in a folder. In a build folder even these go into an image."""
_TAKEN_ALONG = {
    f"{COMPOSE.name}/{BUILD}/": "it would be copied into an image",
    f"{COMPOSE.name}/{CONFIG}/": "a container would see it",
}
_STEERING = re.compile(r"(?:^|[\s\"'])((?:COMPOSE|DOCKER)_\w*)\s*[=:]", re.MULTILINE)
"""Variables that steer Compose. It reads on behind the quote that ends a value, on the same line."""
_REMARK = re.compile(r"^[ \t]*#[^\"'\r\n]*$", re.MULTILINE)
"""A comment. One with a quote in it may be the last line of a value, and a variable may follow that value."""
LONGEST = 1 << 20
"""Bytes; a longer `.env` is not searched."""
_ASTERISKS = re.compile(r"(\*\*/|\*\*|\*|\?)")
_PATTERNS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
_ALLOW = "or list {} under allow_files: in mmcompose.yaml, with a reason"


def judge(found: Mapping[str, bytes], written: Collection[str], allowed: Sequence[Allowed]) -> list[Problem]:
    """Reports foreign files. `found` lie where Compose or a build finds them, with the text of each `.env`; `written`
    are those of a render; `allowed` are waived by mmcompose.yaml."""
    patterns = {entry: _pattern(entry.path) for entry in allowed}
    used: set[Allowed] = set()
    problems = []
    for path, content in sorted(found.items()):
        problem = _fault(path, content) if path not in written else None
        if problem is None:
            continue
        waiving = {entry for entry, pattern in patterns.items() if pattern.match(path)}
        used |= waiving
        if not waiving:
            problems.append(problem)
    return [*problems, *(_idle(entry) for entry in allowed if entry not in used)]


def _fault(path: str, content: bytes) -> Problem | None:
    folder, _, name = path.rpartition("/")
    what, line, hint = "", 1, "remove it, " + _ALLOW.format("it")
    if name == DOTENV and not path.startswith(tuple(_TAKEN_ALONG)):
        text = _REMARK.sub("", content.decode("utf-8-sig", "replace"))
        steering = list(_STEERING.finditer(text))
        if steering:
            names = dict.fromkeys(one[1] for one in steering)
            what = f"sets {listing(names)}, and so changes what Compose does"
            line = text.count("\n", 0, steering[0].start(1)) + 1
            hint = "take that out of it, " + _ALLOW.format("the file")
        elif len(content) > LONGEST:
            what = "is too long to be searched for variables that change Compose"
    elif name.lower() in KEPT_BY_COMPOSE and folder in ("", COMPOSE.name):
        kind = "merges it into the file beside it" if ".override." in name.lower() else "may take it for the project"
        what = f"is not a file that render writes, and Compose {kind}"
    elif folder and not _harmless(path, name):
        taken = next((f", and {how}" for top, how in _TAKEN_ALONG.items() if path.startswith(top)), "")
        what = f"is not a file that render writes{taken}"
    shown = path if path.isprintable() else ascii(path)
    return Problem(Origin("beside", shown, line, 1), "", what, hint, "beside") if what else None


def _harmless(path: str, name: str) -> bool:
    return not path.startswith(tuple(_TAKEN_ALONG)) and any(fnmatchcase(name, one) for one in _READ_BY_NOBODY)


def _pattern(written: str) -> re.Pattern[str]:
    """`*` and `?` stand for letters of one name, `**` for folders too."""
    parts = _ASTERISKS.split(written)
    return re.compile("".join(_PATTERNS.get(part) or re.escape(part) for part in parts) + r"\Z", re.DOTALL)


def _idle(entry: Allowed) -> Problem:
    message = f"{entry.path!r} waives nothing: there is no such file, or it needs no waiver"
    return Problem(entry.origin, "allow_files", message, "remove the entry", "beside", "warning")
