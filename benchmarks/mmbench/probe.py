"""Explores the server: its health, its models, its engine and version, its way of counting prompt tokens."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from .connection import Pool
from .control import fetch
from .metrics import Scrape, is_prometheus, parse, paths
from .prompts import Length, body_parts, random_text, sampling, unique_prefix
from .request import Plan, perform
from .tokens import no_count

LONGEST_NAME = 500
HEALTH_PATHS = ("/health", "/v2/health/ready")
PROBE_LENGTHS = (16, 144)
# engines that take `ignore_eos` in the request body, by the owner they give their models
IGNORE_EOS_OWNERS = ("vllm", "sglang", "llamacpp", "ik_llama", "tensorrt_llm", "tensorrt-llm")


class NoServerError(ConnectionError):
    """Reports that nothing answers, or not as a model server does."""


@dataclass(slots=True)
class Server:
    health: dict[str, Any] = field(default_factory=dict)
    models: list[str] = field(default_factory=list)
    owner: str | None = None
    version: str | None = None
    max_model_len: int | None = None

    def described(self) -> dict[str, Any]:
        return {
            "health": self.health,
            "models": self.models[:50],
            "owned_by": self.owner,
            "version": self.version,
            "max_model_len": self.max_model_len,
        }


async def health(pool: Pool) -> dict[str, Any]:
    """The first health path that exists; a server without any is judged by its list of models."""
    for path in HEALTH_PATHS:
        began = monotonic()
        status, _ = await fetch(pool, pool.target.root + path)
        if status != 404:
            return {"path": path, "status": status, "ms": round(1000 * (monotonic() - began), 2)}
    return {"path": None, "status": None, "ms": None}


async def look(pool: Pool) -> Server:
    """Explores the server; raises NoServerError with a sentence that a person can act on."""
    target = pool.target
    server = Server()
    try:
        server.health = await health(pool)
        status, body = await fetch(pool, f"{target.root}{target.prefix}/models")
        server.version = await version(pool)
    except (OSError, TimeoutError) as error:
        raise NoServerError(f"no answer from {target.url}: {error or type(error).__name__}") from None
    if status in {401, 403}:
        raise NoServerError(f"{target.url} refuses the API key (HTTP {status}); give it with --api-key-file")
    try:
        entries = [entry for entry in json.loads(body)["data"] if is_name(entry.get("id"))] if status == 200 else []
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        entries = []
    server.models = [entry["id"] for entry in entries]
    if entries:
        owner, length = entries[0].get("owned_by"), entries[0].get("max_model_len")
        server.owner = owner if is_name(owner) else None
        server.max_model_len = None if no_count(length) else int(length)
    return server


def is_name(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_NAME


async def version(pool: Pool) -> str | None:
    status, body = await fetch(pool, pool.target.root + "/version")
    try:
        reply = json.loads(body) if status == 200 else {}
        return str(reply["version"])[:100]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None


async def wait_for(pool: Pool, seconds: float) -> None:
    """Waits until health answers 200; a server without a health path is ready when it lists its models."""
    deadline = monotonic() + seconds
    while True:
        try:
            status = (await health(pool))["status"]
            if status is None:
                status, _ = await fetch(pool, f"{pool.target.root}{pool.target.prefix}/models", 5.0)
            if status == 200:
                return
            last = f"HTTP {status}"
        except (OSError, TimeoutError) as error:
            last = str(error) or type(error).__name__
        if monotonic() >= deadline:
            raise NoServerError(f"{pool.target.url} was not ready within {seconds:g} s: {last}")
        await asyncio.sleep(0.5)


async def scrape(pool: Pool, owner: str | None) -> Scrape | None:
    """The metrics; null if the server has no Prometheus metrics. It never fails the run."""
    for path in paths(owner):
        try:
            status, body = await fetch(pool, pool.target.root + path, 5.0)
        except (OSError, TimeoutError):
            return None
        if status == 200 and is_prometheus(body):
            return Scrape(path, parse(body.decode("utf-8", "replace")))
    return None


async def prompt_length(pool: Pool, api: str, model: str, timeout_s: float, seed: int) -> Length:
    """Measures with two small requests how many tokens a word makes, by their `usage`; not fitted without it."""
    counted = []
    rng = random.Random(f"{seed}/length")
    options = sampling(api, 1, False, 0.0, {})
    path = pool.target.endpoint(api)
    for length in PROBE_LENGTHS:
        head, tail = body_parts(api, model, random_text(length, rng), options, unique=True)
        body = head + unique_prefix(0, rng).encode() + tail
        buffers = [pool.target.head("POST", path, "text/event-stream") + b"%d\r\n\r\n" % len(body) + body]
        sample = await perform(pool, Plan(0, buffers, len(body)), timeout_s)
        if sample.prompt_tokens is None:
            return Length()
        counted.append((length, sample.prompt_tokens))
    return Length.fit(counted[0], counted[1])
