"""A tag becomes a release: its notes are cut out of the changelog, and the workflow may do no more than it must."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from mmcompose import __version__
from tests.making import ROOT
from tools.release_notes import UNRELEASED, NotReady, notes, parts

CHANGELOG = """\
# Changelog

Words about the form.

## Unreleased

## 0.2.0 - 2027-01-31

### Benchmarks

- A new kind.

## 0.1.0 - 2026-12-01

- The first one.
"""
WORKFLOWS = {path.stem: path for path in (ROOT / ".github" / "workflows").glob("*.yml")}
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
# What each job of the release may do: nothing else, and nothing at the level of the workflow.
MAY = {
    "build": {"contents": "read"},
    "pypi": {"id-token": "write"},
    "image": {"contents": "read", "packages": "write"},
    "release": {"contents": "write"},
}


def test_the_notes_of_a_release_are_its_part_of_the_changelog() -> None:
    assert notes("v0.2.0", "0.2.0", CHANGELOG) == "### Benchmarks\n\n- A new kind."
    assert notes("v0.1.0", "0.1.0", CHANGELOG) == "- The first one."


@pytest.mark.parametrize(
    ("tag", "version", "changelog", "reason"),
    [
        ("v0.3.0", "0.2.0", CHANGELOG, "the tag v0.3.0 is not v0.2.0"),
        ("0.2.0", "0.2.0", CHANGELOG, "the tag 0.2.0 is not v0.2.0"),
        ("v0.3.0", "0.3.0", CHANGELOG, "has no part for it: write `## 0.3.0 - YYYY-MM-DD`"),
        ("v0.2.0", "0.2.0", CHANGELOG.replace(" - 2027-01-31", ""), "has no day for it"),
        ("v0.1.0", "0.1.0", CHANGELOG.replace("- The first one.\n", ""), "says nothing about 0.1.0"),
        ("v0.2.0", "0.2.0", CHANGELOG.replace("Unreleased\n", "Unreleased\n\n- More.\n"), "still has lines under"),
    ],
)
def test_a_tag_that_is_not_ready_is_refused(tag: str, version: str, changelog: str, reason: str) -> None:
    with pytest.raises(NotReady, match=re.escape(reason)):
        notes(tag, version, changelog)


def test_the_tool_refuses_a_tag_of_another_version() -> None:
    command = [sys.executable, str(ROOT / "tools" / "release_notes.py"), "v99.0.0"]
    answer = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith("release_notes: the tag v99.0.0 is not v")


def test_the_changelog_has_a_part_for_what_is_not_released_and_days_for_the_rest() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    found = parts(text)
    assert next(iter(found)) == UNRELEASED
    assert len(found) == len(re.findall(r"^## ", text, re.MULTILINE)), "a heading is neither a version nor Unreleased"
    assert [version for version, (day, _) in found.items() if day is None] == [UNRELEASED]


def test_the_version_is_the_same_in_both_places() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == __version__


def workflow(name: str) -> dict[str, Any]:
    text = WORKFLOWS[name].read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)  # `on:` stays a word
    return loaded


def steps(name: str) -> list[dict[str, Any]]:
    return [step for job in workflow(name)["jobs"].values() for step in job["steps"]]


def test_each_job_of_the_release_may_do_what_it_must_and_no_more() -> None:
    release = workflow("release")
    assert release["permissions"] == {}
    assert {name: job["permissions"] for name, job in release["jobs"].items()} == MAY
    assert release["on"] == {"push": {"tags": ["v*"]}}
    assert workflow("ci")["permissions"] == {"contents": "read"}


def test_nothing_is_published_before_the_build_has_passed() -> None:
    needed = {name: job.get("needs", []) for name, job in workflow("release")["jobs"].items()}
    assert needed == {"build": [], "pypi": "build", "image": "build", "release": ["pypi", "image"]}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_action_is_pinned_by_its_commit_and_named_by_its_version(name: str) -> None:
    used = re.findall(r"uses: (.*)$", WORKFLOWS[name].read_text(encoding="utf-8"), re.MULTILINE)
    assert used
    for line in used:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} +# v\d+\.\d+\.\d+", line), line


def test_one_action_has_one_commit_everywhere() -> None:
    used = {step["uses"] for name in WORKFLOWS for step in steps(name) if "uses" in step}
    actions = [action.partition("@")[0] for action in used]
    assert sorted(actions) == sorted(set(actions))


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_job_has_an_end_and_leaves_no_token_in_the_checkout(name: str) -> None:
    for job in workflow(name)["jobs"].values():
        assert int(job["timeout-minutes"]) <= 60
    for step in steps(name):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] == "false"


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_expression_of_the_event_reaches_a_shell(name: str) -> None:
    """A tag or a branch may be named like a command; as a variable of the environment it stays a word."""
    assert [step["run"] for step in steps(name) if "${{" in step.get("run", "")] == []


def test_the_commands_of_the_workflows_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    lines = [line for name in WORKFLOWS for step in steps(name) for line in step.get("run", "").splitlines()]
    assert {line.split()[1] for line in lines if line.startswith("make ")} <= targets
    files = [term for line in lines for term in line.split() if term.startswith((".ci/", "tools/"))]
    assert set(files) == {".ci/run", "tools/release_notes.py"}
    assert all((ROOT / file).exists() for file in files)
    programs = {line.split()[0] for line in lines}
    assert programs <= {"make", ".ci/run", ".venv/bin/python", "mkdir", "echo", "gh"}


def test_the_python_of_the_workflows_is_the_oldest_that_is_allowed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    settings = [step["with"] for name in WORKFLOWS for step in steps(name) if "setup-python" in step.get("uses", "")]
    assert {f">={one['python-version']}" for one in settings} == {project["requires-python"]}


def test_the_image_is_pushed_with_where_it_came_from_and_what_is_inside() -> None:
    (push,) = [step["with"] for step in steps("release") if "build-push-action" in step.get("uses", "")]
    assert (push["push"], push["provenance"], push["sbom"]) == ("true", "mode=max", "true")
    assert (ROOT / push["file"]).exists()
    (publish,) = [step["with"] for step in steps("release") if "pypi-publish" in step.get("uses", "")]
    assert publish["attestations"] == "true"


def test_the_image_runs_as_nobody_from_the_lock_and_the_wheel_alone() -> None:
    text = (ROOT / "packaging" / "Dockerfile").read_text(encoding="utf-8")
    last = text.rpartition("\nFROM ")[2]
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", last, re.MULTILINE)
    assert 'ENTRYPOINT ["mmcompose"]' in last
    bases = set(re.findall(r"^FROM (\S+)", text, re.MULTILINE))
    assert [base for base in bases if not re.match(r"python:3\.\d+-slim-[a-z]+", base)] == []
    assert "--require-hashes" in text
    ignored = (ROOT / "packaging" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored == ["*", "!requirements/core.lock", "!dist/*.whl"]
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE)
    assert [f"!{source}" for source in copied] == ignored[1:]


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", list(WORKFLOWS.values())),
        ("vendor.github-issue-forms", FORMS),
        ("vendor.renovate", [ROOT / ".github" / "renovate.json", ROOT / "examples" / "renovate.json"]),
    ],
)
def test_their_own_schemas_accept_what_other_programs_read(schema: str, files: list[Path]) -> None:
    tool = Path(sys.executable).parent / "check-jsonschema"
    result = subprocess.run([tool, "--builtin-schema", schema, *files], check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_a_report_of_a_bug_asks_what_we_need_and_warns_of_secrets() -> None:
    assert [path.stem for path in FORMS] == ["bug_report", "feature_request"]
    bug = FORMS[0].read_text(encoding="utf-8")
    assert "`mmcompose doctor`" in bug
    assert "`mmcompose render --check`" in bug
    assert "no token, key or password" in bug


def test_renovate_raises_what_the_workflows_and_the_image_pin() -> None:
    settings = json.loads((ROOT / ".github" / "renovate.json").read_text(encoding="utf-8"))
    assert settings["includePaths"] == [".github/workflows/**", "packaging/**"]
    assert settings["enabledManagers"] == ["github-actions", "dockerfile"]
