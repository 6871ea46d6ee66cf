"""Debian's real llama-server is asked what it takes. It is newer than the newest history, so its verdicts are compared
on flags that both know; names that only one of them has are listed here, so that a change is seen."""

from __future__ import annotations

import random
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.engines.flags.argv import command_line
from mmcompose.engines.flags.check import check
from mmcompose.engines.flags.history import Flag, History, VersionFlags
from mmcompose.engines.known.histories import load
from mmcompose.engines.learn import help_text

if TYPE_CHECKING:
    from tests.bed.engine import Engine

pytestmark = [pytest.mark.heavy, pytest.mark.docker]

NEWER_NAMES = {"moe_cache_mib", "spec_draft_n_ubatch", "spec_draft_sampling"}
LINES = 200
# Everything before --version has been parsed when it is reached, and nothing has been started.
ASK = (
    'while IFS= read -r line; do if eval "/app/llama-server $line --version" >/dev/null 2>&1 </dev/null; then echo ok; '
)
ASK += "else echo refused; fi; done"
# Handlers that look at files, devices or other flags, or that end the program themselves.
LOOKS_FURTHER = (
    "file",
    "model",
    "lora",
    "path",
    "dir",
    "device",
    "template",
    "url",
    "repo",
    "grammar",
    "schema",
    "buft",
)
ENDS = (
    "list",
    "bash",
    "licenses",
    "preset",
    "vector",
    "fim",
    "default",
    "override",
    "tensor",
    "hf",
    "docker",
    "mask",
    "range",
)


@pytest.fixture(scope="module")
def history() -> History:
    found = load("llamacpp")
    assert found
    return found


def run(docker: Engine, image: str, *parts: str, stdin: str = "") -> str:
    return docker.docker("run", "--rm", "-i", "--network", "none", *parts[:2], image, *parts[2:], stdin=stdin)


def test_the_names_of_the_real_help_are_those_of_the_history(
    docker: Engine, llama_image: str, history: History
) -> None:
    text = docker.docker("run", "--rm", "--network", "none", llama_image, "--help")
    reported = set(help_text.learn(text))
    known = set(VersionFlags(history, len(history.versions) - 1))
    assert reported - known == NEWER_NAMES
    assert known - reported == set()


def test_the_verdicts_of_the_real_program_are_ours(docker: Engine, llama_image: str, history: History) -> None:
    version = history.versions[-1]
    chance = random.Random(11_312)
    drawn = [args for number in range(LINES) if (args := arguments(history, chance, wrong=number % 2 == 1))]
    lines = [shlex.join(term for _, part in command_line(history, version, args) for term in part) for args in drawn]
    answers = run(docker, llama_image, "--entrypoint", "sh", "-c", ASK, stdin="\n".join(lines) + "\n").split()
    assert len(answers) == len(drawn)
    assert min(answers.count("ok"), answers.count("refused")) > LINES / 4
    differing = []
    for args, answer in zip(drawn, answers, strict=True):
        faults = [fault for fault in check(history, version, args) if fault.severity == "error"]
        if bool(faults) == (answer == "ok"):
            differing.append(f"{args}: we say {faults or 'fine'}, it says {answer}")
    assert differing == []


def arguments(history: History, chance: random.Random, *, wrong: bool) -> dict[str, Any]:
    catalogue = VersionFlags(history, len(history.versions) - 1)
    names = sorted(name for name, flag in catalogue.items() if judged(name, flag))
    args = {name: good(catalogue[name], chance) for name in chance.sample(names, chance.randint(1, 3))}
    if wrong:
        name = chance.choice(names)
        stubs = sorted(name for name, flag in catalogue.items() if flag.stub)
        choices: list[dict[str, Any]] = [{name + "_zq": 1}, {chance.choice(stubs): 1}]
        if bad(catalogue[name]) is not None:
            choices += [{name: bad(catalogue[name])}] * 3
        args |= chance.choice(choices)
    return args


def judged(name: str, flag: Flag) -> bool:
    """Whether the history alone says what the program takes."""
    if flag.stub or flag.kind == "str":
        return bool(flag.choices) and not flag.stub
    return not any(term in name for term in (*LOOKS_FURTHER, *ENDS))


def good(flag: Flag, chance: random.Random) -> Any:
    if flag.choices:
        return chance.choice(flag.choices)
    if flag.kind == "switch":
        return not flag.off or chance.random() < 0.5
    return 1 if flag.kind == "int" else 0.5


def bad(flag: Flag) -> Any:
    if flag.kind in ("int", "float"):
        return "zq"
    return "zq" if flag.choices else None
