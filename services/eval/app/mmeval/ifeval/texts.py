"""What the rules need of a text and no regular expression finds: its sentences, its tokens, its language."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def _punkt() -> Any:
    import nltk

    return nltk.tokenize.PunktTokenizer("english")


def sentences(text: str) -> int:
    return len(_punkt().tokenize(text))


def tokens(text: str) -> list[str]:
    import nltk

    found: list[str] = nltk.word_tokenize(text)
    return found


def is_in(language: str, text: str) -> bool:
    """Whether a text is in this language. As in the reference, one whose language cannot be found is."""
    import langdetect

    langdetect.DetectorFactory.seed = 0  # else the same text gets another language now and then
    try:
        return bool(langdetect.detect(text) == language)
    except langdetect.LangDetectException:
        return True
