"""Failed starts from public threads and from the programs' sources, retyped: each is explained, and advised rightly."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from mmcompose.deploy.causes.evidence import Evidence
from mmcompose.deploy.causes.recognise import Cause, recognise, stuck
from tests.deploy.containers import container

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = Path(__file__).parent / "causes"
FOUND = sorted(path for path in CASES.glob("*/*.yaml"))
ENGINES = sorted({path.parent.name for path in FOUND})
HARMLESS = yaml.safe_load((CASES / "harmless.yaml").read_text(encoding="utf-8"))


@cache
def read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return document


def evidence(case: dict[str, Any], engine: str) -> Evidence:
    known: dict[str, Any] = {"profile": "chat", "host": "cards", "image": "registry.example/engine:v1"}
    if "refusal" in case:
        return Evidence(refusal=case["refusal"], **known)
    dead = container(
        status=case.get("status", "exited"), exit_code=case.get("exit_code", 1), backend=engine, image=known["image"]
    )
    return Evidence(container=dead, log=tuple(case["log"].splitlines()), **known)


def judged(path: Path, engine: str | None = None) -> Cause:
    return recognise(evidence(read(path), path.parent.name if engine is None else engine))


def test_there_are_enough_of_them() -> None:
    assert len(FOUND) >= 1150
    assert {path.parent.name for path in FOUND} >= {
        "vllm",
        "sglang",
        "llamacpp",
        "ik_llama",
        "trtllm",
        "ovms",
        "docker",
    }


def faults(case: dict[str, Any], found: Cause) -> Iterator[str]:
    """What the explanation of a case lacks; a question mark stands where a value that is shown was not found."""
    if found.name != case["cause"]:
        yield f"names {found.name}: {found.line}"
    yield from (
        f"does not say {arguments!r}: {found.line}" for arguments in case.get("says", ()) if arguments not in found.line
    )
    yield from (
        f"does not advise {arguments!r}: {found.next}"
        for arguments in case.get("advice", ())
        if arguments not in found.next
    )
    if "?" in found.line + found.next:
        yield f"shows a question mark: {found.line}; {found.next}"
    if not case["source"].startswith("https://"):
        yield f"has no source: {case['source']}"


@pytest.mark.parametrize("engine", ENGINES)
def test_each_failed_start_is_explained_with_advice_that_helps(engine: str) -> None:
    """Also where no label names the engine: its words do."""
    wrong: list[str] = []
    for path in sorted((CASES / engine).glob("*.yaml")):
        case = read(path)
        wrong += [f"{path.stem} {fault}" for fault in faults(case, judged(path))]
        if (name := judged(path, "").name) != case["cause"]:
            wrong.append(f"{path.stem} without a label names {name}")
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize("engine", HARMLESS)
def test_harmless_lines_name_no_cause(engine: str) -> None:
    """Neither of an engine that died without a word, nor of one that gave a reason that nobody knows."""
    for last, reported in (("", ""), ("RuntimeError: the moon is full", "RuntimeError: the moon is full")):
        for line in HARMLESS[engine]:
            case = {
                "log": "\n".join([line, "loading", *([] if not last else ["Traceback (most recent call last):", last])])
            }
            found = recognise(evidence(case, engine))
            assert found.name == "exited", (line, found)
            assert not reported or found.line.endswith(reported), (line, found)


def test_a_log_that_ends_inside_a_traceback_says_how_far_it_came() -> None:
    """The marks below its code are no last words."""
    log = """Traceback (most recent call last):
  File "/opt/venv/bin/vllm", line 7, in <module>
    sys.exit(main())
             ^^^^^^
  File "/opt/venv/lib/python3.12/site-packages/larch/serve.py", line 70, in make_nest
    parser = Nest.add_arguments(parser)
             ^^^^^^^^^^^^^^^^^^^^^^^^^^"""
    found = recognise(evidence({"log": log}, "vllm"))
    assert found.line.endswith("the log ends inside a traceback, in make_nest (serve.py:70)")


def test_what_a_shell_reports_of_a_signal_is_not_the_last_error() -> None:
    for shell in (
        "fish: Job 1, './server -m \"/models/m…' terminated by signal SIGABRT (Abort)",
        "./run.sh: line 4: 17 Aborted (core dumped) ./server",
    ):
        case = {"log": f"larch_load: error: the nest is empty\n{shell}", "exit_code": 134}
        assert recognise(evidence(case, "llamacpp")).line.endswith("larch_load: error: the nest is empty")


def test_a_server_that_goes_on_running_after_its_error_is_waited_for_no_longer() -> None:
    for path in sorted((CASES / "ovms").glob("*.yaml")):
        case = read(path)
        found = stuck(evidence(case, "ovms"))
        assert (found.name if found and found.final else None) == (case["cause"] if "status" in case else None), (
            path.stem
        )


@pytest.mark.parametrize("case", ["oom-of-the-engine-itself", "oom-while-the-sampler-warms-up"])
def test_what_the_engine_itself_took_of_a_gpu_is_not_laid_to_others(case: str) -> None:
    """PyTorch in a container sees its own process under another number."""
    assert "other processes" not in judged(CASES / "vllm" / f"{case}.yaml").line


def test_what_others_took_of_a_gpu_is_reported_where_the_numbers_show_it() -> None:
    assert "other processes hold 3.20 GiB" in judged(CASES / "vllm/oom-loading-weights.yaml").line
