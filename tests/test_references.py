"""The references that must not lie are what the program itself says."""

from __future__ import annotations

import subprocess
import sys

from mmcompose.core.schema import KINDS, bundle
from mmcompose.files import shipped

ROOT = shipped.root()


def test_the_references_are_what_the_program_says_today() -> None:
    command = [sys.executable, str(ROOT / "tools" / "reference.py"), "--check"]
    answer = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (answer.returncode, answer.stdout) == (0, "")


def test_every_key_of_every_kind_is_documented() -> None:
    text = (ROOT / "docs" / "keys.md").read_text("utf-8")
    for kind in KINDS:
        for key in bundle(kind, shipped.schemas())["properties"]:
            assert f"`{key}`" in text, f"{key} of {kind} is missing in docs/keys.md"
