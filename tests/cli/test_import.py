"""`mmcompose import`: what it writes, what it shows, and what it leaves alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.disk import CHAT, mmcompose, project

if TYPE_CHECKING:
    from pathlib import Path

COMPOSE = """\
services:
  chat:
    image: vllm/vllm-openai:v0.24.0
    command: [owner/name, --max-nm-seqs, 4]
    volumes: [./data:/data]
"""
RUN = "docker run -p 8000:8000 vllm/vllm-openai:v0.24.0 --model owner/name"


def place(folder: Path) -> Path:
    root = project(folder / "project", {"other": CHAT})
    (root / "docker-compose.yml").write_text(COMPOSE, encoding="utf-8")
    return root


def test_a_dry_run_shows_and_writes_nothing(tmp_path: Path) -> None:
    root = place(tmp_path)
    answer = mmcompose(root, "import", "compose", str(root / "docker-compose.yml"), "--dry-run")
    assert answer.code == 0
    assert answer.out.startswith("# profiles/chat.yaml\n# Imported from ")
    assert "mounts: [{source: data, target: /data, read_only: false}]" in answer.out
    assert "args.max_nm_seqs: is not a flag of vLLM v0.24.0 (did you mean max_num_seqs?)" in answer.err
    assert not (root / "profiles/chat.yaml").exists()


def test_the_next_command_is_named(tmp_path: Path) -> None:
    root = place(tmp_path)
    answer = mmcompose(root, "import", "run", RUN, "--name", "mine")
    assert answer.err == (
        "wrote profiles/mine.yaml\n"
        "docker run:1:15: warning: ports: was open to the network; a profile's ports are on the project's address"
        " (bind: in mmcompose.yaml names it)\n1 warning in 1 file\nnext: mmcompose validate mine\n"
    )
    assert mmcompose(root, "validate", "mine").code == 0


def test_an_imported_profile_can_be_rendered(tmp_path: Path) -> None:
    root = place(tmp_path)
    mmcompose(root, "import", "run", "--name", "mine", "--", *RUN.split())
    assert mmcompose(root, "render").code == 0
    assert '"owner/name"' in (root / "compose/mine.yaml").read_text("utf-8")


def test_files_that_exist_are_left_alone(tmp_path: Path) -> None:
    root = place(tmp_path)
    before = (root / "profiles/other.yaml").read_bytes()
    answer = mmcompose(root, "import", "run", RUN, "--name", "other")
    assert answer.code == 1
    assert "profiles/other.yaml exists already; nothing was written" in answer.err
    assert (root / "profiles/other.yaml").read_bytes() == before
    assert mmcompose(root, "import", "run", RUN, "--name", "other", "--force").code == 0
    assert (root / "profiles/other.yaml").read_bytes() != before


def test_machines_read_the_report(tmp_path: Path) -> None:
    root = place(tmp_path)
    answer = mmcompose(root, "import", "compose", str(root / "docker-compose.yml"), "--format", "json")
    first = json.loads(answer.out)[0]
    assert (first["line"], first["column"], first["rule"]) == (4, 27, "import.flag")


def test_what_cannot_be_imported_is_one_line(tmp_path: Path) -> None:
    root = place(tmp_path)
    for arguments, line in (
        (("run", "docker run redis:7"), "nothing was imported: no engine was found"),
        (("compose", "missing.yml"), "missing.yml cannot be read: No such file or directory"),
        (("run", RUN, "--backend", "vlm"), "there is no backend 'vlm'; did you mean vllm?"),
        (("run", RUN, "--host", "nowhere"), "there is no host 'nowhere'"),
        (("run", RUN, "--only", "x"), "the source has no 'x'"),
        (("run", RUN, "--name", "UPPER"), "'UPPER' cannot be the name of a profile"),
    ):
        answer = mmcompose(root, "import", *arguments)
        assert answer.code == 2, answer
        assert line in answer.err
        assert "Traceback" not in answer.err


def test_every_importer_has_help(tmp_path: Path) -> None:
    for kind in ("workbench", "llama-swap", "compose", "vllm-recipe", "run"):
        assert f"mmcompose import {kind}" in mmcompose(tmp_path, "import", kind, "--help").out
