"""What a service reads from the store of weights, and which names may never reach it."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from mmcompose.core.pipeline import Compilation
from mmcompose.core.place import supplies
from tests.making import artifacts, compilation, problems, shipped_sources

PROFILE = "backend: llamacpp\nmodel: tiny\nhost: cpu\n"
TINY = "repo: org/tiny, format: gguf"


def made(weights: str) -> Compilation:
    return compilation({"profiles/chat.yaml": PROFILE, "profiles/models/tiny.yaml": f"weights: {{{weights}}}\n"})


def options(weights: str) -> list[str]:
    profile = made(weights).profiles["chat"]
    return supplies.request(profile.services["chat"], profile.engines["chat"])


@pytest.mark.parametrize(
    "wrong",
    [
        "revision: ../../../etc",
        "revision: --plain",
        "revision: a b",
        "file: ../../../etc/passwd",
        "file: a/../b.gguf",
        "file: /etc/passwd",
        "file: --plain",
        "file: '*.gguf'",
        'file: "a\\nb.gguf"',
        'include: ["\\e[31m*"]',
        'exclude: ["a\\nb"]',
        "repo: org/ti--ny",
    ],
)
def test_a_name_that_leaves_the_store_or_looks_like_an_option_is_refused_where_it_stands(wrong: str) -> None:
    key = wrong.partition(":")[0]
    others = [part for part in (*TINY.split(", "), "file: a.gguf") if not part.startswith(f"{key}:")]
    (line,) = problems(made(", ".join([*others, wrong])))
    assert line.startswith("profiles/models/tiny.yaml:1:")
    assert f"weights.{key}" in line


@pytest.mark.parametrize("fine", ["refs/pr/3", "v1.0", "_x/y-z", "a" * 40, '""'])
def test_branches_tags_and_commits_are_revisions(fine: str) -> None:
    assert problems(made(f"{TINY}, file: a.gguf, revision: {fine}")) == []


def test_the_file_that_the_engine_loads_is_fetched_whatever_else_is_named() -> None:
    assert options(f"{TINY}, file: a.gguf, include: ['*.json']").count("--include") == 2
    assert "a.gguf" in options(f"{TINY}, file: a.gguf, include: ['*.json']")


def test_a_bracket_in_the_name_of_a_file_is_no_pattern() -> None:
    assert "a[[]b].gguf" in options(f"{TINY}, file: 'a[b].gguf'")


CPU = "machine: {accelerator: cpu, memory: 16g, cores: 4, uid: 1000, gid: 1000}\n"


def services(security: str) -> dict[str, Any]:
    files = {
        "profiles/chat.yaml": f"{PROFILE}{security}",
        "profiles/hosts/cpu.yaml": CPU,
        "profiles/models/tiny.yaml": f"weights: {{{TINY}, file: a.gguf}}\n",
    }
    found: dict[str, Any] = yaml.safe_load(artifacts(files)["compose/chat.yaml"])["services"]
    return found


ROOT = """
security: {user: null}
waivers: [{rule: S06, reason: the image knows no other user, until: 2099-01-01}]
"""


@pytest.mark.parametrize("security", ["", "security: {user: '2000:2000'}\n", ROOT])
def test_one_user_writes_the_store_whoever_runs_the_engine(security: str) -> None:
    found = services(security)
    own = found["own-chat"]
    assert found["fetch-chat"]["user"] == "1000:1000"
    assert "own-chat" in found["fetch-chat"]["depends_on"]
    line = " ".join([*own["entrypoint"], *own["command"]])
    assert re.search(r"chown 1000:1000 (/cache )?/store$", line)
    assert ("chown 2000:2000 /cache;" in line) == ("2000" in security)


def test_who_has_own_templates_may_still_give_volumes_to_two_users() -> None:
    template = next(each for each in shipped_sources() if each.path == "templates/compose/fetch.yaml.j2")
    files: dict[str, str | bytes] = {
        "profiles/chat.yaml": f"{PROFILE}security: {{user: '2000:2000'}}\n",
        "profiles/models/tiny.yaml": f"weights: {{{TINY}, file: a.gguf}}\n",
        template.path: template.data + b"\n",
    }
    assert [line for line in problems(compilation(files)) if "S0" in line or "S15" in line] == []
