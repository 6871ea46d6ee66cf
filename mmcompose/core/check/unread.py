"""Reports environment variables that look like an engine's flag and that the engine never reads."""

from __future__ import annotations

from collections.abc import Iterator

from mmcompose.core.place.subject import Around, Subject
from mmcompose.engines.flags.history import at
from mmcompose.model import Problem

_READ_BY_LIBRARIES = frozenset({"HF_TOKEN", "HF_HOME"})
"""Variables that are named like a flag of some engine, but that the model hub's library reads."""


def check(subject: Subject, around: Around) -> Iterator[Problem]:
    """Reports bare names such as LOG_LEVEL: an engine's own variables begin with its name (VLLM_…, LLAMA_ARG_…)."""
    history = around.histories(subject.engine.history) if subject.engine.history else None
    if history is None or not subject.service.env:
        return
    flags = at(history, subject.service.release)
    for name, value in subject.service.env.items():
        flag = name.lower()
        if name in _READ_BY_LIBRARIES or name != name.upper() or flag not in flags:
            continue
        if str(value).startswith("/run/secrets/"):
            continue  # for the entry point or a script, and nothing that should stand among the arguments
        written = flag in subject.engine.rendered_args
        hint = f"mmcompose writes {flags[flag].option} itself" if written else f"write args.{flag}: {value}"
        message = f"{subject.engine.title} does not read this variable"
        yield subject.problem(("env", name), message, hint, "env.unread", "warning")
