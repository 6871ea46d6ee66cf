"""A servable is ready when the server says AVAILABLE, not when a port is open."""

from __future__ import annotations

import json

import pytest

from mmcompose.engines.ovms.state import ServableState, servable_state


def body(*states: tuple[str, str]) -> str:
    versions = [
        {"version": str(n), "state": state, "status": {"error_code": code, "error_message": code}}
        for n, (state, code) in enumerate(states, 1)
    ]
    return json.dumps({"qwen": {"model_version_status": versions}})


@pytest.mark.parametrize(
    ("answer", "state", "reason", "final"),
    [
        (body(("AVAILABLE", "OK")), "AVAILABLE", "", False),
        (body(("END", "OK"), ("AVAILABLE", "OK")), "AVAILABLE", "", False),
        (body(("LOADING", "OK")), "LOADING", "still loading", False),
        (body(("START", "OK")), "START", "still start", False),
        (body(("LOADING", "FAILED_PRECONDITION")), "LOADING", "loading failed (FAILED_PRECONDITION)", True),
        (body(("END", "OK")), "END", "still end", True),
        (body(), "MISSING", "no version of qwen is loaded", False),
        ('{"other": {}}', "MISSING", "the server does not know qwen; it serves other", False),
        ("{}", "MISSING", "it serves nothing", False),
        ('{"error": "Retrieving failed"}', "UNKNOWN", "Retrieving failed", False),
        ("<html>", "UNKNOWN", "the answer is no JSON", False),
        ("[]", "UNKNOWN", "the answer is no JSON object", False),
        ("[" * 100000, "UNKNOWN", "the answer is no JSON", False),
        ('{"qwen": 1}', "MISSING", "no version", False),
        ('{"qwen": {"model_version_status": [{}]}}', "UNKNOWN", "the answer has no state", False),
    ],
)
def test_the_state_and_its_reason(answer: str, state: str, reason: str, final: bool) -> None:
    found = servable_state(answer, "qwen")
    assert (found.state, found.final) == (state, final)
    assert reason in found.reason
    assert found.available is (state == "AVAILABLE")


def test_a_state_can_be_compared() -> None:
    assert servable_state(body(("AVAILABLE", "OK")), "qwen") == ServableState("AVAILABLE")
