"""Sizes as Compose writes them: `512m`, `12g`, binary units."""

from __future__ import annotations

_UNITS = {"b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def in_bytes(size: str) -> int:
    return int(float(size[:-1]) * _UNITS[size[-1]])


def part_of(percent: str, size: str) -> str:
    """`85%` of `94g`, in whole mebibytes."""
    return f"{in_bytes(size) * int(percent.removesuffix('%')) // 100 >> 20}m"


_SPOKEN = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "B"))


def spoken(count: int) -> str:
    """Bytes as people read them: `10.2 GiB`."""
    return _in(count, *_unit(count))


def spoken_of(count: int, limit: int) -> str:
    """A part and its whole in one unit: `0.8/19.5 GiB`."""
    unit, name = _unit(limit)
    return f"{_in(count, unit, '').rstrip()}/{_in(limit, unit, name)}"


def _unit(count: int) -> tuple[int, str]:
    return next(((unit, name) for unit, name in _SPOKEN if count >= unit), _SPOKEN[-1])


def _in(count: int, unit: int, name: str) -> str:
    return f"{count / unit:.1f}".removesuffix(".0") + f" {name}"
