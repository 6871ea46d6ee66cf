"""`short_names:` makes a command of a family of profiles: in help, in completion, and where it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mmcompose.cli.printing.last import wants_events
from mmcompose.model.commands import COMMANDS
from tests.disk import CHAT, Answer, mmcompose, program, project
from tests.making import SETTINGS

if TYPE_CHECKING:
    from pathlib import Path

FORMS = {
    "on one line": "short_names: [chat, ocr]  # two\n",
    "over several lines": "short_names:\n  - chat\n  # the other\n  - 'ocr'\n",
    "in quotes": 'short_names: ["chat", ocr]\n',
    "over a line's end": "short_names: [chat,\n  ocr]\n",
    "with the key in quotes": '"short_names": [chat, ocr]\n',
    "with a blank before the colon": "short_names : [chat, ocr]\n",
}


def with_names(folder: Path, line: str) -> Path:
    return project(folder, {"chat": CHAT, "chat-long": CHAT, "mmcompose.yaml": SETTINGS + line})


def listed(answer: Answer) -> list[str]:
    return [line.split()[0] for line in answer.out.splitlines() if "Short for switch" in line]


@pytest.mark.parametrize("line", FORMS.values(), ids=FORMS)
def test_declared_names_are_listed_behind_switch(tmp_path: Path, line: str) -> None:
    answer = mmcompose(with_names(tmp_path, line), "--help")
    assert (answer.code, listed(answer)) == (0, ["chat", "ocr"])
    names = [part[0] for part in map(str.split, answer.out.splitlines()) if part]
    assert names.index("switch") + 1 == names.index("chat")


def test_without_the_key_both_are_there_as_ever(tmp_path: Path) -> None:
    assert listed(mmcompose(with_names(tmp_path, ""), "--help")) == ["ocr", "sam3"]


def test_an_empty_list_declares_none(tmp_path: Path) -> None:
    folder = with_names(tmp_path, "short_names: []\n")
    assert listed(mmcompose(folder, "--help")) == []
    answer = program(folder, "ocr")
    assert (answer.code, "no command 'ocr'" in answer.err) == (2, True)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("short_names: chat\n", "5:14: short_names: must be a list, not 'chat' (write a list: [chat])"),
        ("short_names: [chat, [ocr]]\n", "5:21: short_names[1]: must be text, not a list"),
    ],
    ids=["one name without a list", "a list in a list"],
)
def test_a_name_that_is_declared_wrongly_says_so(tmp_path: Path, line: str, wrong: str) -> None:
    answer = program(with_names(tmp_path, line), "chat")
    assert (answer.code, wrong in answer.err) == (2, True), answer.err


@pytest.mark.parametrize("line", ["", "short_names: [chat\n"], ids=["undeclared", "in a broken file"])
def test_a_profile_that_is_typed_like_a_command_leads_to_switch(tmp_path: Path, line: str) -> None:
    answer = program(with_names(tmp_path, line), "chat")
    assert (answer.code, answer.err.splitlines()[-1]) == (
        2,
        "error: no command 'chat' (`mmcompose switch chat` starts the profile of this name)",
    )


def test_outside_of_a_project_and_in_a_broken_one_help_works_too(tmp_path: Path) -> None:
    assert listed(mmcompose(tmp_path, "--help")) == ["ocr", "sam3"]
    (tmp_path / "mmcompose.yaml").write_text("short_names:\n - [")
    assert mmcompose(tmp_path, "--help").code == 0
    (tmp_path / "mmcompose.yaml").write_bytes(b"\xff\xfe")
    assert listed(mmcompose(tmp_path, "--help")) == ["ocr", "sam3"]


def test_such_a_command_switches_among_its_family(tmp_path: Path) -> None:
    folder = with_names(tmp_path, "short_names: [chat]\n")
    assert "nothing is rendered yet: run `mmcompose " in mmcompose(folder, "chat", "--format", "json").err
    assert mmcompose(folder, "render").code == 0
    answer = mmcompose(folder, "chat", "no-such-model")
    assert answer.code == 2
    assert "no profile is called 'no-such-model' or serves it" in answer.err
    assert [line.split()[0] for line in answer.err.splitlines() if " on " in line] == ["chat", "chat-long"]


def test_of_a_family_without_profiles_the_message_names_the_family(tmp_path: Path) -> None:
    folder = with_names(tmp_path, "short_names: [chat, ocr]\n")
    assert mmcompose(folder, "render").code == 0
    assert "none with the name ocr or ocr-…; `mmcompose " in mmcompose(folder, "ocr").err


def test_its_help_and_a_name_that_comes_near_to_it(tmp_path: Path) -> None:
    folder = with_names(tmp_path, "short_names: [chat]\n")
    assert "Usage: mmcompose chat [OPTIONS] [MODEL]" in program(folder, "chat", "--help").out
    assert "did you mean chat?" in program(folder, "chta").err


def test_a_shell_completes_it(tmp_path: Path) -> None:
    folder = with_names(tmp_path, "short_names: [chat]\n")
    line = {"_MMCOMPOSE_COMPLETE": "bash_complete", "COMP_WORDS": "mmcompose ch", "COMP_CWORD": "1"}
    assert program(folder, "ch", **line).out == "plain,chat\n"


@pytest.mark.parametrize("name", ["up", "stop-all", "ps"])
def test_no_command_is_taken_by_one(tmp_path: Path, name: str) -> None:
    folder = with_names(tmp_path, f"short_names: [{name}]\n")
    answer = mmcompose(folder, "validate")
    assert answer.code == 2
    assert f"mmcompose.yaml:5:15: short_names[0]: '{name}' is a command of mmcompose (remove it; " in answer.err
    assert listed(mmcompose(folder, "--help")) == []


def test_one_that_comes_near_to_a_profile_and_means_none_is_a_warning(tmp_path: Path) -> None:
    answer = mmcompose(with_names(tmp_path, "short_names: [chta, sam3]\n"), "validate")
    assert answer.code == 0
    assert answer.err.splitlines()[0] == (
        "mmcompose.yaml:5:15: warning: short_names[0]: no profile is called chta or chta-* (did you mean chat?)"
    )
    assert "sam3" not in answer.err, "a project need not have every family that is declared"


def test_what_is_no_name_is_refused(tmp_path: Path) -> None:
    answer = mmcompose(with_names(tmp_path, "short_names: [Chat, 3]\n"), "validate")
    assert answer.code == 2
    assert "short_names[0]: 'Chat' is not valid here (Small letters" in answer.err


@pytest.mark.parametrize("name", ["$(id)", "chat;id", "chat\\x1b[31m", "chat on"])
def test_no_name_is_shown_that_a_shell_would_run(tmp_path: Path, name: str) -> None:
    folder = with_names(tmp_path, f'short_names: [chat, "{name}"]\n')
    assert listed(mmcompose(folder, "--help")) == ["chat"]


def test_commands_that_start_something_report_events_short_names_included() -> None:
    events = [name for name in [*COMMANDS, "ocr", "chat"] if wants_events(["-C", "up", name, "--format", "json"])]
    assert events == ["up", "switch", "serve", "restart", "pull", "test", "ocr", "chat"]
    assert not wants_events(["--format", "json"])
