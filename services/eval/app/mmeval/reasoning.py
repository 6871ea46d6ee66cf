"""Takes the reasoning out of an answer: it is no part of what was asked for."""

from __future__ import annotations

import re

_WHOLE = re.compile(r"<think>.*?</think>", re.DOTALL)
_OPEN, _CLOSE = "<think>", "</think>"


def without(text: str) -> tuple[str, bool]:
    """The answer alone, and whether there was reasoning. Some templates open it in the prompt, so that only its end
    is in the answer; an answer that was cut inside it holds nothing else."""
    answer = _WHOLE.sub("", text)
    if _CLOSE in answer:
        answer = answer.rpartition(_CLOSE)[2]
    if _OPEN in answer:
        answer = answer.partition(_OPEN)[0]
    return (answer.strip(), True) if answer != text else (text, False)
