"""The examples work as their READMEs say: each is copied, checked, rendered, and shown to real Compose."""

from __future__ import annotations

import re
import shlex
import shutil
from typing import TYPE_CHECKING

import click
import pytest

from mmcompose.cli.main import main
from tests.compose import compose
from tests.disk import mmcompose
from tests.making import ROOT

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = ROOT / "examples"
NAMES = sorted(place.name for place in EXAMPLES.iterdir() if place.is_dir())
MADE = {"compose", "compose.yaml", ".mmcompose", "models", "secrets"}
"""What lies in the folder of an example that somebody tried where it stands."""
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHIPPED_LINE = re.compile(r"(mmcompose:[\w./-]+):\d+:\d+")
ELSEWHERE = {"hf"}
"""Programs that are not ours and that a README may use after it has copied the folder."""


@pytest.fixture(scope="module", params=NAMES)
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered copy of each example."""
    folder = tmp_path_factory.mktemp("examples") / str(request.param)
    source = EXAMPLES / request.param
    shutil.copytree(source, folder, ignore=lambda place, _: MADE if place == str(source) else ())
    for model in (folder / "profiles/models").glob("*.yaml"):
        # What a person fetches before the start; validate warns where it is not there yet.
        for path in re.findall(r"^  path: (\S+)", model.read_text(encoding="utf-8"), re.MULTILINE):
            (folder / path).mkdir(parents=True)
    rendered = mmcompose(folder, "render")
    assert rendered.code == 0, rendered.err
    return folder


def blocks(example: Path, language: str) -> list[str]:
    """The blocks of one language in the README."""
    text = (example / "README.md").read_text(encoding="utf-8")
    return [body for found, body in BLOCK.findall(text) if found == language]


def profiles(example: Path) -> set[str]:
    return {path.stem for path in (example / "profiles").glob("*.yaml")}


def test_an_example_has_no_problem_and_no_warning(example: Path) -> None:
    answer = mmcompose(example, "validate")
    count = len(profiles(example))
    assert (answer.code, answer.err) == (0, f"{count} profile{'s are' if count > 1 else ' is'} fine\n")
    assert mmcompose(example, "render", "--check").code == 0


def test_real_compose_accepts_each_profile_and_all_together(example: Path) -> None:
    for profile in [*sorted(profiles(example)), "*"]:
        result = compose(example, "--profile", profile, "config", "--services")
        assert (result.returncode, result.stderr) == (0, ""), profile
        assert result.stdout


def test_the_answers_that_a_readme_shows_are_the_answers(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(example)
    for block in blocks(example, "text"):
        first, *shown = re.split(r"^\$ mmcompose ", block, flags=re.MULTILINE)
        assert not first, "a block of answers begins with a command"
        for one in shown:
            command, _, expected = one.partition("\n")
            answer = mmcompose(example, *shlex.split(command))
            found = (answer.out + answer.err).replace(f"{example}/", "")
            assert SHIPPED_LINE.sub(r"\1", found) == SHIPPED_LINE.sub(r"\1", expected), command


def test_the_lines_that_a_readme_shows_stand_in_the_rendered_files_in_that_order(example: Path) -> None:
    rendered = "".join(path.read_text(encoding="utf-8") for path in sorted((example / "compose").glob("*.yaml")))
    for block in blocks(example, "yaml"):
        assert re.search(".*\n".join(map(re.escape, block.splitlines())), rendered, re.DOTALL), block


def test_every_command_of_a_readme_exists_and_names_profiles_of_the_example(example: Path) -> None:
    (script,) = blocks(example, "sh")
    commands = [shlex.split(part, comments=True) for line in script.splitlines() for part in line.split(" && ")]
    assert commands[0][:3] == ["cp", "-r", f"examples/{example.name}"]
    assert ["mmcompose", "render"] in commands
    for program, *arguments in commands[2:]:
        if program == "mmcompose":
            assert named_profiles(arguments) <= profiles(example), arguments
        else:
            assert program in ELSEWHERE, program
    text = (example / "README.md").read_text(encoding="utf-8")
    for line in re.findall(r"`docker compose (.*?) up`", text):
        assert set(line.replace("--profile", "").split()) <= profiles(example), line


def named_profiles(arguments: list[str]) -> set[str]:
    """The profiles that a command line names. Click refuses commands and options that do not exist."""
    context = main.make_context("mmcompose", list(arguments))
    command: click.Command = main
    while isinstance(command, click.Group):
        name, found, arguments = command.resolve_command(context, arguments)
        assert found is not None
        command = found
        context = command.make_context(name, list(arguments), parent=context)
    given = [context.params.get(name) for name in ("profile", "profiles", "what")]
    return {name for value in given if value for name in ([value] if isinstance(value, str) else value)}


def test_every_example_is_short_and_stands_in_the_list() -> None:
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[([^\]]+)\]\(\1/README\.md\) \|", text, re.MULTILINE)
    assert listed == NAMES
    for name in NAMES:
        lines = (EXAMPLES / name / "README.md").read_text(encoding="utf-8").count("\n")
        assert 15 <= lines <= 40, f"{name}: {lines} lines"


def test_the_projects_have_names_of_their_own_and_keep_their_secrets_out_of_git() -> None:
    names = [
        re.findall(r"^name: (.*)$", (EXAMPLES / name / "mmcompose.yaml").read_text("utf-8"), re.MULTILINE)
        for name in NAMES
    ]
    assert names == [[name[3:]] for name in NAMES]
    for name in NAMES:
        ignored = (EXAMPLES / name / ".gitignore").read_text(encoding="utf-8").splitlines()
        assert {"/secrets/", "/.mmcompose/", "/models/"} <= set(ignored), name
