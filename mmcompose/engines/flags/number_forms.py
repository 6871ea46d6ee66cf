"""Reads numbers as engines do: 8k is 8000 in every form; 8192 is 8K to vLLM and 8Ki to SGLang."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple


class Suffixes(NamedTuple):
    """The factor of each suffix. Numbers with decimals take only decimal suffixes."""

    decimal: dict[str, int]
    binary: dict[str, int]


FORMS: dict[str, Suffixes] = {
    "K": Suffixes(
        {s: 1000 ** (i + 1) for i, s in enumerate("kmgt")}, {s: 1024 ** (i + 1) for i, s in enumerate("KMGT")}
    ),
    "Ki": Suffixes(
        {s: 1000 ** (i + 1) for i, s in enumerate("kMGT")},
        {s: 1024 ** (i + 1) for i, s in enumerate(("Ki", "Mi", "Gi", "Ti"))},
    ),
}
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)([A-Za-z]{1,2})")
_IN_JSON = re.compile(r'("(?:[^"\\]|\\.)*")|\b(\d+(?:\.\d+)?)[kmgtKMGT]\b')


def is_number(kind: Callable[[str], object], text: str) -> bool:
    try:
        kind(text)
    except ValueError:
        return False
    return True


def is_whole(text: str, form: str) -> bool:
    """Whether an engine with this form reads the text as a whole number."""
    match = _NUMBER.fullmatch(text.strip()) if form else None
    if match:
        suffixes = FORMS[form]
        return match[2] in suffixes.decimal or (match[2] in suffixes.binary and "." not in match[1])
    return is_number(int, text)


def whole_hint(text: str, form: str) -> str:
    """The whole number that somebody probably meant, in this form."""
    text = text.strip()
    match = _NUMBER.fullmatch(text)
    if match and form and (match[2] in FORMS[form].binary):
        return f"{', '.join(FORMS[form].binary)} take no decimals"
    if match:
        known = [suffixes for suffixes in FORMS.values() if match[2] in {**suffixes.decimal, **suffixes.binary}]
        if known:
            factor = {**known[0].decimal, **known[0].binary}[match[2]]
            return f"write {int(float(match[1]) * factor)}"
    if is_number(float, text) and re.fullmatch(r"[+-]?\d+\.0*", text):
        return f"write {text.partition('.')[0]}"
    return ""


def without_suffixes(text: str) -> str:
    """Writes a bare 80g in JSON text as a number; leaves strings alone."""
    return _IN_JSON.sub(lambda found: found[1] or found[2], text)
