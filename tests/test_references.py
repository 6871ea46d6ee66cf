"""The references that must not lie are what the program itself says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

from mmcompose.core.check.rules.catalogue import RULES
from mmcompose.core.read.schema import KINDS, bundle
from mmcompose.files.gather import shipped
from mmcompose.model.commands import COMMANDS
from tests.making import compilation, problems

ROOT = shipped.root()


def test_the_references_are_what_the_program_says_today() -> None:
    command = [sys.executable, str(ROOT / "tools" / "reference.py"), "--check"]
    answer = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (answer.returncode, answer.stdout) == (0, "")


SHOW = """
import json, sys
from mmcompose.cli.main import main
for words in json.load(sys.stdin):
    main([*words.split(), "--help"], prog_name="mmcompose", standalone_mode=False)
    print("-" * 8)
"""


def test_the_reference_of_commands_is_the_help_that_is_printed_to_the_letter() -> None:
    """On a wide terminal, by the program itself: what wrote the reference may know the program wrongly."""
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    written = dict(re.findall(r"^## mmcompose ?([^\n]*)\n\n```text\n(.*?)```$", text, re.MULTILINE | re.DOTALL))
    assert len(written) > len(COMMANDS)
    printed = subprocess.run(
        [sys.executable, "-c", SHOW],
        env={**os.environ, "COLUMNS": "200"},
        input=json.dumps(list(written)),
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("-" * 8 + "\n")
    for (arguments, help_text), shown in zip(written.items(), printed, strict=False):
        assert shown == help_text, arguments


def test_the_help_of_each_command_has_an_example_and_a_text_for_each_option() -> None:
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    shown = dict(re.findall(r"^## (mmcompose ?[^\n]*)\n\n```text\n(.*?)```$", text, re.MULTILINE | re.DOTALL))
    assert [name for name, text in shown.items() if "\nCommands:\n" not in text and "\n  mmcompose " not in text] == []
    without_text = re.compile(r"^  (-\S.*?)(?: +\[(?:default|x)[^\n]*)?\n(?=  -|\Z)", re.MULTILINE)
    options = [line for text in shown.values() for line in without_text.findall(text)]
    assert [line for line in options if "  " not in line] == []


def test_every_key_of_every_kind_is_documented() -> None:
    text = (ROOT / "docs" / "keys.md").read_text("utf-8")
    for kind in KINDS:
        for key in bundle(kind, shipped.schemas())["properties"]:
            assert f"`{key}`" in text, f"{key} of {kind} is missing in docs/keys.md"


def test_every_rule_is_documented_and_the_example_of_a_waiver_is_one() -> None:
    text = (ROOT / "docs" / "rules.md").read_text("utf-8")
    for rule in RULES:
        assert f"**{rule.id}** {rule.title} | {rule.asks} | {rule.why} |" in text
    example = text.partition("```yaml\n")[2].partition("```")[0]
    broken = example.partition("waivers:")[0]
    base = "model: qwen-small\nhost: cpu\n"
    (found,) = compilation({"profiles/job.yaml": base + broken}).problems
    assert f"rule: {found.rule}\n" in example
    assert problems(compilation({"profiles/job.yaml": base + example})) == []


def test_what_each_rule_asks_for_is_named_by_its_key() -> None:
    known = {key for kind in KINDS for key in bundle(kind, shipped.schemas())["properties"]}
    for rule in RULES:
        named = {term.partition(".")[0] for term in re.findall(r"`([a-z_.]+)`", rule.asks)}
        assert named - {"host", "latest", "always"} <= known, rule.id
