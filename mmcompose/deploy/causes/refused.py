"""Turns a refusal by Docker into a failure: its cause, and the next command."""

from __future__ import annotations

from mmcompose.core.plain import one_line
from mmcompose.deploy.causes.evidence import Evidence
from mmcompose.deploy.causes.recognise import recognise
from mmcompose.deploy.docker.engine import EngineError
from mmcompose.model.failure import Failure


def refused(error: EngineError, profile: str = "") -> Failure:
    cause = recognise(Evidence(profile=profile, refusal=error.message))
    message = f"{one_line(cause.line)}\nnext: {one_line(cause.next)}"
    return Failure(message, 4, profile=profile, cause=cause.name, text=cause.line, next=cause.next)
