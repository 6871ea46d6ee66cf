"""Finds the settings that an engine names in a message: flags, also as its code spells them."""

from __future__ import annotations

import re
from functools import cache

from mmcompose.engines.known.engine import all_known
from mmcompose.engines.known.histories import load

_FLAG = re.compile(r"(?<![\w.-])--([a-z][a-z0-9]*(?:[-_][a-z0-9]+)*)(?![\w.]*/)")
_SPELLED = re.compile(r"(?<![\w./'-])'?([a-z][a-z0-9]*(?:[-_][a-z0-9]+)+)(?![\w/]|\.\w)")
"""A name of several words, as code spells it; a single word may be anything."""
_ANY = frozenset({"block_size", "model_path", "tokenizer_path", "data_type", "max_length", "head_size"})
_ANY |= {"rope_scaling", "quantization_config"}
"""Flags whose names stand for other things in messages too."""


def settings(text: str) -> list[str]:
    """The keys below `args`, in the order in which the message names them."""
    found = [(match.start(), match[1]) for match in _FLAG.finditer(text)]
    found += [(match.start(), match[1]) for match in _SPELLED.finditer(text)]
    keys = [name.replace("-", "_") for _, name in sorted(found)]
    known = _flags()
    return list(dict.fromkeys(key for key in keys if key in known and key not in _ANY))


@cache
def _flags() -> frozenset[str]:
    """Every flag that some release of an engine in Python had, with its other spellings."""
    histories = [history for one in all_known() if "python" in one.writes_like and (history := load(one.name))]
    return frozenset(flag for history in histories for flag in (*history.flags, *history.also))
