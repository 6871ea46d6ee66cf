"""Variables of the environment that look like an engine's flag and that it never reads."""

from __future__ import annotations

from collections.abc import Iterator

from mmcompose.core.place.subject import Around, Claim
from mmcompose.engines.flags.history import at
from mmcompose.model import Problem

READ_BY_LIBRARIES = frozenset({"HF_TOKEN", "HF_HOME"})
"""Named like a flag of some engine, and still read: by the library that talks to the model hub."""


def check(claim: Claim, around: Around) -> Iterator[Problem]:
    """An engine's own variables bear its name in front (VLLM_…, LLAMA_ARG_…); a bare LOG_LEVEL is read by none."""
    history = around.histories(claim.engine.history) if claim.engine.history else None
    if history is None or not claim.service.env:
        return
    flags = at(history, claim.service.release)
    for name, value in claim.service.env.items():
        flag = name.lower()
        if name in READ_BY_LIBRARIES or name != name.upper() or flag not in flags:
            continue
        if str(value).startswith("/run/secrets/"):
            continue  # for the entry point or a script, and nothing that should stand among the arguments
        written = flag in claim.engine.rendered_args
        hint = f"mmcompose writes {flags[flag].option} itself" if written else f"write args.{flag}: {value}"
        message = f"{claim.engine.title} does not read this variable"
        yield claim.problem(("env", name), message, hint, "env.unread", "warning")
