"""Tests a running profile with one whole question for each service."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
            yield _finding(expected, found[expected.service], root, within)


def _finding(expected: Expected, container: Running, root: Path, within: float) -> ServiceAnswer:
    address = reach.address(container, expected.listen)
    if address is None:
        return ServiceAnswer(expected.service, "", "", 0.0, "it cannot be reached from here")
    question, path = probes.QUESTIONS[expected.probe.kind], expected.probe.path or "/"
    hide = keys.hiding(root, expected.secrets)
    began = time.monotonic()
    try:
        key = keys.key(root, expected)
        body = question.body(expected.served_name or _first_model(address, expected, key, within))
        left = max(1.0, within - (time.monotonic() - began))
        answer = talk.post(address, path, probes.whole(body), _SILENCE, key, within=left)
    except keys.BadKeyError as bad:
        return ServiceAnswer(expected.service, str(address), "", 0.0, str(bad))
    except talk.NoAnswerError as nobody:
        return ServiceAnswer(expected.service, str(address), "", time.monotonic() - began, f"{path}: {nobody}")
    seconds = time.monotonic() - began
    if answer.status != 200:
        fault = f"{path} answered {answer.status}: {hide(answer.excerpt)}"
        return ServiceAnswer(expected.service, str(address), "", seconds, fault)
    return _judged(expected, str(address), question, answer.data, seconds, hide)


def _judged(
    expected: Expected,
    address: str,
    question: probes.Question,
    data: Any,
    seconds: float,
    hide: Callable[[str], str],
) -> ServiceAnswer:
    if not question.answered(data):
        return ServiceAnswer(
            expected.service, address, "", seconds, f"{expected.probe.path} answered 200 with something else"
        )
    text = hide(" ".join(question.text(data).split()))
    fault = "" if text else "the answer was empty"
    return ServiceAnswer(expected.service, address, text, seconds, fault)


def _first_model(address: talk.Address, expected: Expected, key: str | None, within: float) -> str:
    if not expected.probe.models:
        return ""
    return probes.first_model(talk.get(address, expected.probe.models, _SILENCE, key, within=within).data)
