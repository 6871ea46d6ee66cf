"""What Docker, the kernel and the engines say, and the one line that is made of it."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from mmcompose.deploy.recognise import Evidence, recognise
from tests.deploy.containers import container
from tests.deploy.docker_words import DOCKER
from tests.deploy.engine_words import ENGINES

KNOWN: dict[str, Any] = {"profile": "ocr", "host": "gpu-12gb", "image": "vllm/vllm-openai:v0.24.0"}


@pytest.mark.parametrize(("cause", "said", "line"), DOCKER)
def test_what_docker_refuses_has_a_cause(cause: str, said: str, line: str) -> None:
    found = recognise(
        Evidence(refusal=f"some words before\n{said}", port_holders={8000: "container mm-other"}, **KNOWN)
    )
    assert (found.name, found.line) == (cause, line)
    assert "{" not in found.next


@pytest.mark.parametrize(("cause", "said", "line"), ENGINES)
def test_what_an_engine_prints_has_a_cause(cause: str, said: str, line: str) -> None:
    dead = container(status="exited", exit_code=1)
    found = recognise(Evidence(container=dead, log=("INFO starting", said, "INFO bye"), **KNOWN))
    assert (found.name, found.line) == (cause, line)
    assert "{" not in found.next


@pytest.mark.parametrize(
    ("log", "why"),
    [
        (
            """
            (EngineCore pid=24) ERROR 11-20 09:07:54 [core.py:1510]     raise RuntimeError(
            (EngineCore pid=24) ERROR 11-20 09:07:54 [core.py:1510] RuntimeError: Worker failed with error 'no XPU'
            Traceback (most recent call last):
            RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}
            """,
            "RuntimeError: Worker failed with error 'no XPU'",
        ),
        ("terminate called after throwing\n  what():  vector::_M_range_check\n", "vector::_M_range_check"),
        ("0 errors: fine", ""),
    ],
    ids=["not the pointer to it", "C++", "none"],
)
def test_a_program_that_gives_up_is_quoted(log: str, why: str) -> None:
    dead = container(status="exited", exit_code=1)
    found = recognise(Evidence(container=dead, log=tuple(dedent(log).splitlines()), **KNOWN))
    told = f"; the engine's last error: {why}" if why else ""
    assert found.line == f"it stopped by itself with exit code 1{told}"


@pytest.mark.parametrize(
    ("state", "restarts", "line"),
    [
        ({"status": "exited", "exit_code": 7}, 0, "it stopped by itself with exit code 7"),
        ({"status": "exited", "exit_code": 139}, 0, "it stopped by itself with exit code 139, it crashed"),
        ({"oom_killed": True}, 0, "the memory of the container is not enough: the kernel killed it"),
        ({"status": "restarting", "exit_code": 3}, 4, "it starts and dies again and again (4 restarts, exit code 3)"),
        ({"health": "unhealthy", "health_log": "curl: 22"}, 0, "its health check failed too often: curl: 22"),
        ({"status": "running"}, 0, "it runs, and was not ready after 61 s (/health answered 503)"),
    ],
)  # fmt: skip
def test_where_nobody_names_a_cause_it_is_said_what_was_seen(
    state: dict[str, object], restarts: int, line: str
) -> None:
    evidence = Evidence(
        container=container(**state),
        restarts=restarts,
        waited=61.2,
        heard="/health answered 503",
        log=("quiet",),
        **KNOWN,
    )
    assert recognise(evidence).line == line


def test_an_unknown_refusal_is_told_in_its_own_last_words() -> None:
    assert recognise(Evidence(refusal="line one\nError: the moon is full", **KNOWN)).line == "Error: the moon is full"
    assert recognise(Evidence(**KNOWN)).line == "its container is gone: somebody took it down"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{profile!r}",
        "%s" * 9,
        "\x00\x1b[31m",
        "a" * 100_000,
        "/a" * 50_000,
        "graph" * 20_000,
        "unrecognized arguments: {x}",
    ],
)
def test_no_text_can_break_the_telling(text: str) -> None:
    dead = container(status="exited", exit_code=1)
    assert recognise(Evidence(refusal=text, log=(text,), container=dead, **KNOWN)).line
