"""`mmcompose engines`: lists, differences, learning; every answer also for machines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mmcompose.cli.engines.group import command
from mmcompose.model.failure import Failure

SAMPLES = Path(__file__).parents[1] / "engines/samples"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def test_the_engines_and_how_far_their_histories_reach() -> None:
    listed = {row["engine"]: row for row in json.loads(run("list", "--format", "json").stdout)}
    assert listed["vllm"] == {
        "engine": "vllm",
        "title": "vLLM",
        "from": "0.8.0",
        "to": "0.33.0",
        "releases": 50,
        "complete": True,
    }
    assert not listed["llamacpp"]["complete"]
    assert "llama.cpp" in run("list").stdout


def test_the_flags_of_a_version_that_hold_a_text() -> None:
    result = run("flags", "vllm", "--version", "0.33.0", "--grep", "offloading")
    assert result.exit_code == 0
    names = [line.split()[0] for line in result.stdout.splitlines()]
    assert names == ["FLAG", "kv_offloading_backend", "kv_offloading_size"]
    assert "2 flags of vLLM 0.33.0" in result.stderr


def test_flags_for_machines_have_their_form_and_their_first_version() -> None:
    flags = json.loads(run("flags", "vllm", "--grep", "kv_offloading_size", "--format", "json").stdout)
    assert [(flag["name"], flag["option"], flag["kind"], flag["since"]) for flag in flags] == [
        ("kv_offloading_size", "--kv-offloading-size", "float", "0.11.1")
    ]


def test_a_text_that_no_flag_holds_is_reported() -> None:
    result = run("flags", "vllm", "--grep", "zq")
    assert result.exit_code == 1
    assert "no flag of vLLM 0.33.0 holds 'zq'" in result.stderr


@pytest.mark.parametrize(
    ("engine", "version", "printed"),
    [
        ("llamacpp", "b4521", "b4521 lies between b4447 and b4579: the older is shown"),
        ("vllm", "0.99.0", "0.99.0 is not in the history of vLLM; 0.33.0 is shown"),
    ],
)
def test_a_version_that_is_not_known_is_shown_by_its_neighbour(engine: str, version: str, printed: str) -> None:
    assert printed in run("flags", engine, "--version", version).stderr


def test_what_changed_between_two_versions() -> None:
    result = run("diff", "vllm", "0.19.1", "0.20.0")
    assert "~ gpu_memory_utilization: default 0.9 became 0.92" in result.stdout
    assert "+ numa_bind: is new in 0.20.0 (true or false)" in result.stdout
    rows = json.loads(run("diff", "vllm", "0.16.0", "0.17.0", "--format", "json").stdout)
    gone = [row for row in rows if row["flag"] == "disable_log_requests"]
    assert [(row["change"], row["hint"]) for row in gone] == [
        ("removed", "request logging is off by default since 0.10.1: drop it")
    ]


@pytest.mark.parametrize(
    ("arguments", "printed", "never"),
    [
        (("vllm", "0.7.0", "0.33.0"), "317 differences between vLLM 0.8.0 and 0.33.0", "0.7.0"),
        (("llamacpp", "b4447", "b9603"), "differences between llama.cpp b4447 and b9518", "b9603"),
        (("vllm", "v0.19.0", "0.19.1"), "0 differences between vLLM 0.19.0 and 0.19.1", "v0.19.0"),
    ],
)
def test_a_difference_names_the_versions_that_were_compared(
    arguments: tuple[str, ...], printed: str, never: str
) -> None:
    result = run("diff", *arguments)
    assert printed in result.stderr.splitlines()[-1]
    assert never not in result.stdout
    assert never not in run("diff", *arguments, "--format", "json").stdout


def test_choices_are_cut_between_two_of_them_and_the_rest_is_counted() -> None:
    known = json.loads(run("flags", "vllm", "--grep", "kv_cache_dtype", "--format", "json").stdout)[0]["choices"]
    row = run("flags", "vllm", "--grep", "kv_cache_dtype").stdout.splitlines()[1]
    shown, _, more = row.split(maxsplit=1)[1].partition(" and ")
    assert 1 < len(shown.split("|")) < len(known)
    assert shown.split("|") == known[: len(shown.split("|"))]
    assert more.startswith(f"{len(known) - len(shown.split('|'))} or more ")
    assert "..." not in row


def test_an_engine_without_a_history_is_reported_with_the_nearest_name() -> None:
    failure = run("flags", "vlm").exception
    assert isinstance(failure, Failure)
    assert (failure.code, failure.message) == (2, "no flag history for 'vlm' (did you mean vllm?)")


def test_a_help_text_is_learned_into_a_longer_history(tmp_path: Path) -> None:
    written = tmp_path / "vllm.json"
    arguments = ["learn", "vllm==0.34.0", "--engine", "vllm", "--help-text", str(SAMPLES / "help-argparse.txt")]
    result = run(*arguments, "-o", str(written))
    assert result.exit_code == 0
    assert "vLLM 0.34.0: 10 flags" in result.stderr
    assert json.loads(written.read_text())["versions"][-1] == "0.34.0"


def test_what_cannot_be_learned_is_a_message() -> None:
    failure = run("learn", "torch==2.0").exception
    assert isinstance(failure, Failure)
    assert failure.code == 2
    assert failure.message.startswith("cannot learn 'torch==2.0'")


@pytest.mark.parametrize(
    "arguments",
    [("flags", "vllm", "--version", "nightly"), ("diff", "vllm", "0.16.0", "main"), ("diff", "vllm", "x", "0.33.0")],
)
def test_what_is_no_version_is_refused_and_not_compared(arguments: tuple[str, ...]) -> None:
    answer = run(*arguments)
    assert isinstance(answer.exception, Failure)
    assert answer.exception.code == 2
    assert "is not a version of vLLM (known: 0.8.0 to 0.33.0)" in answer.exception.message
