"""Fills the texts of a row with the known values."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mmcompose.deploy.causes.judge import Verdict
from mmcompose.deploy.causes.reckon import reckoned

_SHOWN = 200
_PART = re.compile(r"\[([^\[\]]*)\]")
_NAME = re.compile(r"\{(\w+)\}")


def worded(verdict: Verdict, known: Mapping[str, str]) -> tuple[str, str]:
    """The cause and the advice. Values captured in the log win over the profile's."""
    captured = {name: " ".join(value.split())[:_SHOWN].rstrip(" ,.") for name, value in verdict.captured.items()}
    values = {**known, **captured}
    values |= reckoned(verdict.row.reckon, values)
    values = {name: value for name, value in values.items() if value}
    return _filled(verdict.row.cause, values), _filled(verdict.row.next, values)


def _filled(text: str, values: Mapping[str, str]) -> str:
    def part(match: re.Match[str]) -> str:
        return match[1] if all(name in values for name in _NAME.findall(match[1])) else ""

    whole = _PART.sub(part, text)
    return _NAME.sub(lambda match: values.get(match[1], "?"), whole)
