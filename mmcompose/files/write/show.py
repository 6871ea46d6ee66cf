"""Shows a change as a unified diff."""

from __future__ import annotations

from difflib import unified_diff

from mmcompose.files.write.artifacts import FileChange


def diff_of(change: FileChange) -> str:
    old, new = (change.old or "").splitlines(keepends=True), (change.new or "").splitlines(keepends=True)
    before = "/dev/null" if change.old is None else f"a/{change.path}"
    after = "/dev/null" if change.new is None else f"b/{change.path}"
    if not (_is_text(change.old or "") and _is_text(change.new or "")):
        return f"Binary files {before} and {after} differ\n"
    lines = (
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in unified_diff(old, new, before, after)
    )
    return "".join(lines)


def _is_text(content: str) -> bool:
    """Whether a file is text. A file that is not keeps its bytes in escapes that cannot be printed."""
    return content.isascii() or not any("\ud800" <= character <= "\udfff" for character in content)
