"""Tests a running profile with one whole question for each service."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mmcompose.deploy.docker.engine import DockerEngine
from mmcompose.deploy.docker.observe import Running, observe
from mmcompose.deploy.ready import keys, probes, reach, talk
from mmcompose.deploy.wanted import Expected, WantedProfile

_SILENCE = 300.0
"""Seconds without a byte after which the engine counts as gone."""


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """The answer of one service, and its fault if there is one."""

    service: str
    address: str
    answer: str
    seconds: float
    fault: str = ""


def verify(engine: DockerEngine, wanted: WantedProfile, root: Path, within: float) -> Iterator[ServiceAnswer]:
    """Waits at most `within` seconds for each whole answer, however slowly it comes."""
    found = {one.service: one for one in observe(engine, wanted.project, wanted.profile) if one.serves}
    for expected in wanted.services:
        if expected.service not in found:
            yield ServiceAnswer(expected.service, "", "", 0.0, "it does not run")
        elif expected.probe.kind in probes.QUESTIONS:
            yield _tested(expected, found[expected.service], root, within)


def _tested(expected: Expected, container: Running, root: Path, within: float) -> ServiceAnswer:
    address, began = reach.address(container, expected.listen), time.monotonic()
    if address is None:
        return ServiceAnswer(expected.service, "", "", 0.0, "it cannot be reached from here")
    try:
        text, fault = _answer(expected, address, root, began + within)
    except keys.BadKeyError as bad:
        text, fault = "", str(bad)
    except talk.NoAnswerError as nobody:
        text, fault = "", f"{expected.probe.path or '/'}: {nobody}"
    return ServiceAnswer(expected.service, str(address), text, time.monotonic() - began, fault)


def _answer(expected: Expected, address: talk.Address, root: Path, end: float) -> tuple[str, str]:
    """The text of the answer, and its fault."""
    question, path = probes.QUESTIONS[expected.probe.kind], expected.probe.path or "/"
    key, hide = keys.key(root, expected), keys.hiding(root, expected.secrets)
    model = expected.served_name or probes.first_listed(address, expected.probe, _SILENCE, key, end - time.monotonic())
    left = max(1.0, end - time.monotonic())
    answer = talk.post(address, path, probes.whole(question.body(model)), _SILENCE, key, within=left)
    if answer.status != 200:
        return "", f"{path} answered {answer.status}: {hide(answer.excerpt)}"
    if not question.answered(answer.data):
        return "", f"{expected.probe.path} answered 200 with something else"
    text = hide(" ".join(question.text(answer.data).split()))
    return text, "" if text else "the answer was empty"
