"""The event loop: uvloop where it is installed (half the CPU per token), asyncio's own elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from importlib.metadata import version
from typing import Any, TypeVar

Result = TypeVar("Result")

try:
    import uvloop

    NAME = f"uvloop {version('uvloop')}"
except ImportError:  # pragma: no cover - the image always has it
    uvloop = None  # type: ignore[assignment,unused-ignore]
    NAME = "asyncio"


def run(main: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(main) if uvloop is None else uvloop.run(main)
