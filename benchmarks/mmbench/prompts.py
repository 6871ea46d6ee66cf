"""Random prompts of a wanted length, without a tokenizer: common words, and a length fitted to the server's count.

Every prompt may begin with a prefix of its own, so that a prefix cache cannot answer for the engine. The words come
from a few bodies built beforehand; only the prefix is new, which keeps the work between two requests constant.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass

COMMON_NOUNS = (
    "time year people way day man thing woman life child world school state family student group country problem hand "
    "part place case week company system program question work number night point home water room mother area money "
    "story fact month lot right study book eye job word business issue side kind head house service friend father "
    "power hour game line end member law car city name team minute idea body back parent face others level office "
    "door health person art war history party result change morning reason research girl guy food moment air teacher"
)
VOCABULARY = COMMON_NOUNS.split()
QUESTION = "when was this receipt issued? Answer this question using the text in the image directly."
TRANSCRIBE = "Read all the text in this image. Answer with the text only, line by line."
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Length:
    """tokens = overhead + tokens_each * words, as the server counts them."""

    overhead: float = 0.0
    tokens_each: float = 1.0
    fitted: bool = False

    @classmethod
    def fit(cls, few: tuple[int, int], many: tuple[int, int]) -> Length:
        """The length formula from two probes, each (words sent, tokens counted)."""
        (length_a, tokens_a), (length_b, tokens_b) = few, many
        slope = (tokens_b - tokens_a) / (length_b - length_a) if length_b != length_a else 0.0
        if slope <= 0:
            return cls()
        return cls(max(0.0, tokens_a - slope * length_a), slope, fitted=True)

    def for_tokens(self, tokens: int) -> int:
        return max(1, round((tokens - self.overhead) / self.tokens_each))


def random_text(count: int, rng: random.Random) -> str:
    return " ".join(rng.choices(VOCABULARY, k=count))


def unique_prefix(index: int, rng: random.Random) -> str:
    """A prefix that differs from the first token on; the number keeps it unique even if the letters repeat."""
    return "".join(rng.choices(DIGITS, k=4)) + f" {index} "


def body_parts(
    api: str, model: str, prompt: str, options: dict[str, object], unique: bool, before: Sequence[dict[str, str]] = ()
) -> tuple[bytes, bytes]:
    """The JSON body in two halves; a prefix fits between them without serialising anything anew. `before` are earlier
    messages of a chat."""
    mark = "\0" if unique else ""
    text = mark + prompt
    body: dict[str, object] = {} if api == "llamacpp" else {"model": model}
    if api == "chat":
        body["messages"] = [*before, {"role": "user", "content": text}]
    else:
        body["prompt"] = text
    whole = json.dumps(body | options, separators=(",", ":")).encode()
    if not unique:
        return whole, b""
    head, _, tail = whole.partition(b"\\u0000")
    return head, tail


def sampling(
    api: str, max_tokens: int, ignore_eos: bool, temperature: float, extra: dict[str, object]
) -> dict[str, object]:
    """The part of the body with sampling settings. Temperature is always sent: engines' defaults differ."""
    options: dict[str, object] = {"stream": True, "temperature": temperature}
    options["n_predict" if api == "llamacpp" else "max_tokens"] = max_tokens
    if api != "llamacpp":
        options["stream_options"] = {"include_usage": True}
    if ignore_eos:
        options["ignore_eos"] = True
    return options | extra
