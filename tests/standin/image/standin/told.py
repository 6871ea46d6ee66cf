"""What a test asks of a stand-in, by environment variables. Unset, it loads quickly and serves."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    """How this start shall go."""

    version: str  # STANDIN_VERSION: which release's flags hold
    load_seconds: float  # STANDIN_LOAD_SECONDS
    failure: str  # STANDIN_FAIL: a name in failures.py, never-healthy, fail-requests
    stop_seconds: float  # STANDIN_STOP_SECONDS: how long it takes to end after SIGTERM
    token_seconds: float  # STANDIN_TOKEN_SECONDS: between two tokens of a stream
    words: str  # STANDIN_WORDS: what it says


def told() -> Told:
    env = os.environ
    return Told(
        version=env.get("STANDIN_VERSION", ""),
        load_seconds=float(env.get("STANDIN_LOAD_SECONDS", "0.3")),
        failure=env.get("STANDIN_FAIL", ""),
        stop_seconds=float(env.get("STANDIN_STOP_SECONDS", "0")),
        token_seconds=float(env.get("STANDIN_TOKEN_SECONDS", "0.005")),
        words=env.get("STANDIN_WORDS", "I am a test double and no model runs here."),
    )
