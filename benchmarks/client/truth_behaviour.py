"""The orders of the truth server, and the part of a request that it reads."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field

VOCABULARY = ["the", "of", "and", "to", "in", "is", "you", "that", "it", "he", "was", "for", "on", "are"]
FAULTS = ("http_500", "hang", "cut", "garbage", "slow_head", "stall", "error_event", "empty", "bad_http", "refuse")


@dataclass
class Behaviour:
    """The server's behaviour; every number that a client reports can be derived from it."""

    model: str = "truth"
    ttft_ms: float = 50.0
    itl_ms: float = 10.0
    tokens: int = 100
    tokens_per_event: int = 1
    prompt_tokens: int | None = None
    role_first: bool = False
    reasoning: int = 0
    usage: bool = True
    done_marker: bool = True
    slots: int = 0
    slow_head_ms: float = 200.0
    verify_bodies: int = 0
    owned_by: str = "truth"
    faults: dict[int, str] = field(default_factory=dict)  # every Nth request fails in this way, the first that fits
    answers: dict[str, str] = field(default_factory=dict)  # sha256 of the image -> the text to answer with
    replies: dict[str, str] = field(default_factory=dict)  # a part of the prompt -> the text to answer with

    def fault(self, number: int) -> str | None:
        return next((kind for every, kind in self.faults.items() if number % every == 0), None)


@dataclass(slots=True)
class Request:
    tokens: list[str]
    stream: bool
    usage: bool
    image_sha256: str | None

    @classmethod
    def read(cls, body: bytes, behaviour: Behaviour, verify: bool) -> Request:
        """Reads a request. Large bodies are searched at their ends only, so that an image does not delay other
        streams."""
        ends = body if len(body) < 8192 else body[:4096] + body[-4096:]
        found = re.search(rb'"(?:max_tokens|max_completion_tokens|n_predict)"\s*:\s*(\d+)', ends)
        count = int(found.group(1)) if found else behaviour.tokens
        sha = None
        if verify and (image := re.search(rb'base64,([A-Za-z0-9+/=]+)"', body)):
            sha = hashlib.sha256(base64.b64decode(image.group(1))).hexdigest()
        text = behaviour.answers.get(sha or "")
        if behaviour.replies:
            prompt = json.loads(body)["messages"][-1]["content"]
            text = next((reply for part, reply in behaviour.replies.items() if part in prompt), text)
        tokens = [VOCABULARY[i % len(VOCABULARY)] + " " for i in range(count)]
        if text is not None:
            tokens = re.findall(r"\S+\s*|\s+", text)[:count] or [""]
        return cls(tokens, b'"stream":true' in ends.replace(b" ", b""), b'"include_usage"' in ends, sha)
