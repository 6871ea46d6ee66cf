"""Ways in which the double misbehaves; a test sets them while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Faults:
    """All of them off."""

    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """The next answers: status and head. Each is given once."""

    cuts: list[int] = field(default_factory=list)
    """The next answers with a file end after so many bytes of their body, without a word."""

    reset: bool = False
    """A cut is a reset, not an end."""

    pause_at: int | None = None
    """Answers with a file fall silent after so many bytes, until the double stops."""

    rate: float | None = None
    """Bytes per second of each connection."""

    other_bytes: set[str] = field(default_factory=set)
    """Files whose last byte is another one than their hash says."""

    size_of: dict[str, int] = field(default_factory=dict)
    """Sizes that the list of files names instead of the true ones."""

    hash_of: dict[str, str] = field(default_factory=dict)
    """Hashes that the list of files names instead of the true ones."""

    rename: dict[str, str] = field(default_factory=dict)
    """Names that the list of files has instead of the true ones."""

    without_ranges: bool = False
    """Each answer is the whole file, whatever part was asked for."""

    without_details: bool = False
    """The list of files has no sizes and hashes, as that of some mirrors."""

    without_hashes: bool = False
    """No hash anywhere."""

    body: bytes | None = None
    """The answer to each question about a repository."""
