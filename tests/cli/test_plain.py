"""No words of a file, an engine or a log steer the terminal that shows them, or the CI runner that reads its log."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mmcompose.core.plain import in_json, one_line, visible
from mmcompose.model import Origin, Problem
from tests.disk import PROGRAM, program, project
from tests.making import ROOT

TITLE, CLEAR, C1, TURNED = "\x1b]0;mine\x07", "\x1b[2J", "\x9b2J", "\u202e"
EVIL = f"{TITLE}{CLEAR}{C1}{TURNED}"
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
COMMAND = re.compile(r"^\s*::|##(vso|teamcity)?\[", re.MULTILINE)

PROFILES = {
    "evil": f"""\
        description: "{TITLE.encode("unicode_escape").decode()} \\n::error::x \\u202E ##[command]x"
        model: qwen-small
        host: cpu
        env: {{A: "\\e[2J\\n::set-output name=a::b"}}
        why: {{env.A: "because\\n::warning::of \\x9b2J"}}
        """,
    "bad": """\
        model: qwen-small
        host: cpu
        env: {"B\\n::stop-commands::x": c}
        args: {"a\\n::error::x": 1}
        """,
    "odd\n::debug::x": "model: qwen-small\nhost: cpu\nnonsense: 1\n",
}


@pytest.mark.parametrize(
    "arguments", ["list", "validate", "explain evil", "render", "render --diff", "doctor", "list models"]
)
@pytest.mark.parametrize("more", [(), ("--format", "json")], ids=["text", "json"])
def test_what_a_profile_says_is_shown_and_not_obeyed(tmp_path: Path, arguments: str, more: tuple[str, ...]) -> None:
    project(tmp_path, PROFILES)
    answer = program(tmp_path, *arguments.split(), *more, DOCKER_HOST="unix:///nowhere.sock")
    for printed in (answer.out, answer.err):
        assert not STEERING.search(printed), ascii(printed)
        assert not COMMAND.search(printed), printed


def test_a_reader_of_json_gets_every_character(tmp_path: Path) -> None:
    project(tmp_path, {"evil": PROFILES["evil"]})
    answer = program(tmp_path, "explain", "evil", "env.A", "--format", "json")
    assert "\\u001b[2J" in answer.out
    assert json.loads(answer.out)[0]["value"] == "\x1b[2J\n::set-output name=a::b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m and \x1b[1;4mbold\x1b[m", "red and bold"),
        (EVIL, r"\x1b]0;mine\x07\x1b[2J\x9b2J\u202e"),
        ("a\rb\0c\td\ne", "a\\x0db\\x00c\td\ne"),
        ("::error::x\n \t::debug::y\na::b", "\\::error::x\n \t\\::debug::y\na::b"),
        ("see ##[error]x and ##vso[task]y", "see #\\#[error]x and #\\#vso[task]y"),
        ("Ünï 文字 ✓ 👍", "Ünï 文字 ✓ 👍"),
    ],
)
def test_what_steers_is_seen_and_everything_else_stays(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert visible(shown) == shown
    assert json.loads(in_json(text, ensure_ascii=False)) == text


def test_only_what_begins_a_line_is_a_command() -> None:
    assert visible("::1 is an address", begins=False) == "::1 is an address"
    assert visible("at\n::x::", begins=False) == "at\n\\::x::"


def test_texts_of_others_begin_no_line() -> None:
    assert one_line("a\r\nb\nc") == "a\\nb\\nc"
    assert str(Problem(Origin("l", "f\n.yaml", 1, 2), "a\nb", "no\nsuch", "did\nyou")).count("\n") == 0


def on_a_terminal(folder: Path, *arguments: str, **environment: str) -> str:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TERM": "xterm", **environment},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ):
        os.close(theirs)
        printed = b""
        while True:
            try:
                more = os.read(ours, 65536)
            except OSError:  # Linux's end of a terminal
                break
            if not more:
                break
            printed += more
    os.close(ours)
    return printed.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize(
    ("arguments", "environment", "coloured"),
    [
        ("status", {}, True),
        ("status", {"NO_COLOR": "1"}, False),
        ("doctor", {"NO_COLOR": ""}, True),
        ("doctor", {"TERM": "dumb"}, False),
        ("up evil", {}, True),
        ("up evil", {"NO_COLOR": "1"}, False),
    ],
)
def test_who_wants_no_colours_gets_none(
    tmp_path: Path, arguments: str, environment: dict[str, str], *, coloured: bool
) -> None:
    project(tmp_path, {"evil": "model: qwen-small\nhost: cpu\n"})
    printed = on_a_terminal(tmp_path, *arguments.split(), DOCKER_HOST="unix:///nowhere.sock", **environment)
    assert ("\x1b" in printed) is coloured, ascii(printed)
    assert not re.search(r"\x1b(?!\[\d*m)", printed)


BAR = """
import sys
from mmcompose.cli.printing import streams
from mmcompose.cli.printing.progress import Progress
from mmcompose.deploy.ready.events import Event
streams.prepare()
told = Progress("text")
told(Event("phase", "a", phase="image"))
told(Event("line", "a", text="50% \\x1b]0;mine\\x07"))
told(Event("tick", "a", phase="run", seconds=1.0))
told.end()
"""


@pytest.mark.parametrize(("terminal", "moves"), [("xterm", True), ("dumb", False)])
def test_a_bar_moves_where_it_can_and_nothing_in_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terminal: str, *, moves: bool
) -> None:
    monkeypatch.setattr("tests.cli.test_plain.PROGRAM", [sys.executable, "-c", BAR])
    printed = on_a_terminal(tmp_path, TERM=terminal)
    assert ("\x1b[K" in printed) is moves
    assert "\x1b]" not in printed
    assert ("\\x1b]0;mine" in printed) is moves
