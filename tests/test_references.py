"""The references that must not lie are what the program itself says."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from mmcompose.cli.main import COMMANDS, main
from mmcompose.core.schema import KINDS, bundle
from mmcompose.files import shipped

ROOT = shipped.root()


def test_the_references_are_what_the_program_says_today() -> None:
    command = [sys.executable, str(ROOT / "tools" / "reference.py"), "--check"]
    answer = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (answer.returncode, answer.stdout) == (0, "")


def test_the_reference_of_commands_is_the_help_that_is_printed_to_the_letter(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a wide terminal, through the program itself: what wrote the reference may know the program wrongly."""
    monkeypatch.setenv("COLUMNS", "200")
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    parts = re.findall(r"^## mmcompose ?([^\n]*)\n\n```text\n(.*?)```$", text, re.MULTILINE | re.DOTALL)
    assert len(parts) > len(COMMANDS)
    for words, written in parts:
        main([*words.split(), "--help"], prog_name="mmcompose", standalone_mode=False)
        assert capsys.readouterr().out == written, words


def test_every_key_of_every_kind_is_documented() -> None:
    text = (ROOT / "docs" / "keys.md").read_text("utf-8")
    for kind in KINDS:
        for key in bundle(kind, shipped.schemas())["properties"]:
            assert f"`{key}`" in text, f"{key} of {kind} is missing in docs/keys.md"
