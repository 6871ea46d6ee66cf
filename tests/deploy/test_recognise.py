"""What Docker, the kernel and the engines say, and the one line that is made of it."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from mmcompose.deploy.causes.evidence import Evidence
from mmcompose.deploy.causes.recognise import recognise
from tests.deploy.containers import container
from tests.deploy.docker_messages import DOCKER
from tests.deploy.engine_messages import ENGINES

LIMITED: dict[str, Any] = {"status": "exited", "exit_code": 137}
KNOWN: dict[str, Any] = {"profile": "ocr", "host": "gpu-12gb", "image": "vllm/vllm-openai:v0.24.0"}


@pytest.mark.parametrize(("cause", "printed", "line"), DOCKER)
def test_what_docker_refuses_has_a_cause(cause: str, printed: str, line: str) -> None:
    found = recognise(
        Evidence(refusal=f"some words before\n{printed}", port_holders={8000: "container mm-other"}, **KNOWN)
    )
    assert (found.name, found.line) == (cause, line)
    assert "{" not in found.next


@pytest.mark.parametrize(("cause", "printed", "line"), ENGINES)
def test_what_an_engine_prints_has_a_cause(cause: str, printed: str, line: str) -> None:
    dead = container(status="exited", exit_code=1)
    found = recognise(Evidence(container=dead, log=("INFO starting", printed, "INFO bye"), **KNOWN))
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
        (
            """
            (Worker pid=9) Traceback (most recent call last):
            (Worker pid=9)   File "/opt/engine/work.py", line 9, in run
            (Worker pid=9) RuntimeError: the larches stand too near
            (EngineCore pid=2) Exception: WorkerProc initialization failed due to an exception in a background process.
            """,
            "RuntimeError: the larches stand too near",
        ),
        (
            """
            (Worker pid=9) ERROR 11-20 09:07:54 [core.py:15]     larches = self.count(larches)
            (Worker pid=9) ERROR 11-20 09:07:54 [core.py:15]               ^^^^^^^^^^^^^^^^^^^
            (Worker pid=9) ERROR 11-20 09:07:54 [core.py:15]   File "/opt/engine/work.py", line 9, in count
            (Worker pid=9) ERROR 11-20 09:07:54 [core.py:15]     raise Larches(count)
            (Worker pid=9) ERROR 11-20 09:07:54 [core.py:15] the larches stand too near
            """,
            "the larches stand too near",
        ),
        ("terminate called after throwing\n  what():  vector::_M_range_check\n", "vector::_M_range_check"),
        ("0 errors: fine", "0 errors: fine"),
        (
            """
            Traceback (most recent call last):
              File "/opt/engine/check.py", line 684, in wants
                have = version(name)
            the larches stand too near
            """,
            "the larches stand too near",
        ),
        (
            """
            ERROR 07-22 14:10:19 [work.py:226] Exception in init: the sky fell, Traceback (most recent call last):
            ERROR 07-22 14:10:19 [work.py:226]   File "/opt/engine/workers.py", line 220, in run
            """,
            "Exception in init: the sky fell",
        ),
        (
            """
            | larch | 1 | UNAVAILABLE: [json.exception.out_ |
            |       |   | of_range.403] 'num_larks' is not there                          |
            """,
            "larch | 1 | UNAVAILABLE: [json.exception.out_of_range.403] 'num_larks' is not there",
        ),
        ("Error: no backend\n\nCaused by:\n    no larch.onnx\n", "Error: no backend: no larch.onnx"),
        (
            """
            OSError: the nest fell
            Exception ignored in: <function Nest.__del__ at 0x7f>
            Traceback (most recent call last):
              File "/opt/nest.py", line 15, in __del__
            AttributeError: 'Nest' object has no attribute 'egg'
            """,
            "OSError: the nest fell",
        ),
        (
            '{"timestamp":"2026-11-20T09:07:54Z","message":"it failed:\\nOSError: the lark left"}\n',
            "OSError: the lark left",
        ),
        (
            "0.22.756.113 E CUDA error: the lark is not supported\n0.22.756.117 E   larkGemm(nest, twig)\n",
            "CUDA error: the lark is not supported",
        ),
    ],
    ids=[
        "not the pointer to it",
        "not a weak reading of the pointer",
        "no code, and a cut trace",
        "C++",
        "none",
        "no name of an exception",
        "one line with its traceback",
        "a table",
        "Rust",
        "not what Python ignores",
        "a record of several lines",
        "not its code",
    ],
)
def test_a_program_that_gives_up_is_quoted(log: str, why: str) -> None:
    dead = container(status="exited", exit_code=1)
    found = recognise(Evidence(container=dead, log=tuple(dedent(log).splitlines()), **KNOWN))
    assert found.line.endswith(f": {why}"), found


@pytest.mark.parametrize(
    ("state", "restarts", "line"),
    [
        ({"status": "exited", "exit_code": 7}, 0, "it stopped by itself with exit code 7"),
        ({"status": "exited", "exit_code": 136}, 0, "exit code 136, an arithmetic error, such as a division by zero"),
        ({"oom_killed": True}, 0, "the container ran out of memory: the kernel killed it"),
        ({"status": "restarting", "exit_code": 3}, 4, "it starts and dies again and again (4 restarts, exit code 3)"),
        ({"health": "unhealthy", "health_log": "curl: 22"}, 0, "its health check failed too often: curl: 22"),
        ({"status": "running"}, 0, "it runs, and was not ready after 61 s (/health answered 503)"),
    ],
)  # fmt: skip
def test_where_nobody_names_a_cause_the_state_is_reported(state: dict[str, object], restarts: int, line: str) -> None:
    evidence = Evidence(
        container=container(**state),
        restarts=restarts,
        waited=61.2,
        last_answer="/health answered 503",
        **KNOWN,
    )
    assert recognise(evidence).line.endswith(line)


GIB = 1 << 30


@pytest.mark.parametrize(
    ("facts", "line", "following"),
    [
        (
            {"memory_limit": 12 * GIB, "memory_peak": 12 * GIB},
            "at its limit of 12 GiB (its peak was 12 GiB)",
            "--set resources.memory=18g",
        ),
        ({"memory_limit": 256 << 20}, "the kernel killed it at its limit of 256 MiB", "--set resources.memory=384m"),
        ({"memory_peak": 3 * GIB}, "the kernel killed it (it had taken 3 GiB)", "--set resources.memory=SIZE"),
    ],
)
def test_a_kill_for_memory_names_the_limit_the_peak_and_a_size(
    facts: dict[str, Any], line: str, following: str
) -> None:
    found = recognise(Evidence(container=container(oom_killed=True, **LIMITED), **facts, **KNOWN))
    assert (line in found.line, following in found.next) == (True, True), found


def test_a_kill_by_the_kernel_is_remembered_while_the_container_runs_again() -> None:
    found = recognise(Evidence(container=container(**LIMITED), killed=True, restarts=3, exit_code=137, **KNOWN))
    assert found.name == "host-memory"


def test_the_limit_is_the_containers_own_where_nobody_names_another() -> None:
    found = recognise(Evidence(container=container(oom_killed=True, memory_limit=8 * GIB), **KNOWN))
    assert ("at its limit of 8 GiB" in found.line, "resources.memory=12g" in found.next) == (True, True), found


@pytest.mark.parametrize(
    "command", [("serve", "m", "--kv-offloading-size", "62"), ("serve", "m", "--kv-offloading-size=62")]
)
def test_a_kill_of_an_engine_that_keeps_its_cache_in_memory_advises_less_of_that_first(
    command: tuple[str, ...],
) -> None:
    killed = container(oom_killed=True, memory_limit=64 * GIB, command=command)
    found = recognise(Evidence(container=killed, **KNOWN))
    assert "--kv-offloading-size 62 asks for that many GiB of it" in found.line
    assert found.next.startswith("mmcompose up ocr --set args.kv_offloading_size=31, or more: ")


def test_an_engine_that_ends_itself_by_a_signal_was_not_killed() -> None:
    dead = container(status="exited", exit_code=137)
    found = recognise(Evidence(container=dead, log=("Traceback (most recent call last):", "ValueError: no"), **KNOWN))
    assert found.line.endswith("exit code 137, it ended its own processes; the engine's last error: ValueError: no")
    assert recognise(Evidence(container=dead, **KNOWN)).line.endswith("exit code 137, it was killed")


def test_an_unknown_refusal_is_reported_in_its_own_last_lines() -> None:
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
