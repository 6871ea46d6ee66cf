"""One model's process, `python -m zoo_service.worker`: reads orders as lines of JSON, and answers in lines.

First the entry comes in; the libraries are imported and the device is made ready, and an answer goes out. Then `load`
loads. Then it holds the model until its input ends.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from typing import TYPE_CHECKING, Any

from .entries import Entry
from .loaders import Framework

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO


def main() -> None:
    # Libraries print where they like; only answers may stand on the way out.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    work(sys.stdin, answers, Framework)


def work(orders: TextIO, answers: TextIO, framework: Callable[[Entry], Framework]) -> None:
    held: list[Any] = []
    try:
        entry = Entry(**json.loads(orders.readline()))
        began = time.monotonic()
        ready = framework(entry)
        answer(answers, "ready", {"import_s": time.monotonic() - began, "device": ready.device, **ready.versions})
        if orders.readline().strip() != "load":
            return
        began = time.monotonic()
        held.append(ready.load())
        answer(answers, "loaded", {"load_s": time.monotonic() - began, "device": ready.device, **ready.memory()})
    except Exception as error:  # whatever it was, it is the result
        answer(answers, "failed", {"error": described(error), "trace": traceback.format_exc()})
        return
    orders.read()


def described(error: Exception) -> str:
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def answer(answers: TextIO, state: str, facts: dict[str, Any]) -> None:
    answers.write(json.dumps({"state": state, **facts}) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
