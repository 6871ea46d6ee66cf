"""Print the part of CHANGELOG.md that belongs to a tag, for its release page.

python tools/release_notes.py v0.2.0    # exit 1 where the tag, the version and the changelog do not agree
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADING = re.compile(r"^## (?P<version>\S+)(?: - (?P<day>\d{4}-\d{2}-\d{2}))?$", re.MULTILINE)
UNRELEASED = "Unreleased"


class NotReady(Exception):  # noqa: N818 - what keeps a tag from being a release, in a sentence
    pass


def parts(changelog: str) -> dict[str, tuple[str | None, str]]:
    """The day and the text of each version, in the order of the file."""
    found = list(HEADING.finditer(changelog))
    ends = [*(heading.start() for heading in found[1:]), len(changelog)]
    return {
        heading["version"]: (heading["day"], changelog[heading.end() : end].strip())
        for heading, end in zip(found, ends, strict=True)
    }


def notes(tag: str, version: str, changelog: str) -> str:
    """The text of the version that the tag names, once all three agree."""
    if tag != f"v{version}":
        raise NotReady(f"the tag {tag} is not v{version}, which is the version in pyproject.toml")
    found = parts(changelog)
    if version not in found:
        raise NotReady(f"CHANGELOG.md has no part for it: write `## {version} - YYYY-MM-DD` above what it brings")
    day, text = found[version]
    if day is None:
        raise NotReady(f"CHANGELOG.md has no day for it: write `## {version} - YYYY-MM-DD`")
    if not text:
        raise NotReady(f"CHANGELOG.md says nothing about {version}")
    if found.get(UNRELEASED, (None, ""))[1]:
        raise NotReady(f"CHANGELOG.md still has lines under {UNRELEASED}: move them to {version}")
    return text


def main(tag: str) -> int:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    try:
        print(notes(tag, version, (ROOT / "CHANGELOG.md").read_text("utf-8")))
    except NotReady as reason:
        print(f"release_notes: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tools/release_notes.py TAG")
    sys.exit(main(sys.argv[1]))
