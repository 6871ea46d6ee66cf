"""A small project on the disk, and mmcompose run in it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner

from mmcompose.cli.main import main
from mmcompose.files.write import render
from mmcompose.model.failure import Failure

CHAT = """\
backend: llamacpp
host: here
weights: {path: models/tiny.gguf, format: gguf}
served_name: tiny
args: {ctx_size: 512}
ports: {api: %d}
secrets: {api-key: {file: secrets/key, path_env: LLAMA_API_KEY_FILE}}
resources: {memory: 1g}
"""
HERE = "machine: {accelerator: cpu, memory: 1g, cores: 1, uid: %d, gid: %d}\n"


class Answer(NamedTuple):
    code: int
    out: str
    err: str

    def rows(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = json.loads(self.out)
        return found

    def of(self, check: str) -> list[tuple[str, str]]:
        return [(row["level"], row["what"]) for row in self.rows() if row["check"] == check]


def write(folder: Path, port: int = 8123) -> Path:
    """One profile on this machine, rendered, with its model and its secret where they belong."""
    uid, gid = (os.getuid(), os.getgid()) if os.getuid() else (1000, 1000)
    texts = {
        "mmcompose.yaml": "name: small\nbind: 127.0.0.1\nports: 8100-8199\nhost: here\n",
        "profiles/hosts/here.yaml": HERE % (uid, gid),
        "profiles/chat.yaml": CHAT % port,
        "models/tiny.gguf": "GGUF",
        "secrets/key": "s3cret\n",
    }
    for path, text in texts.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    (folder / "models/tiny.gguf").chmod(0o644)
    (folder / "secrets/key").chmod(0o400)
    os.chown(folder / "secrets/key", uid, gid)
    outcome = render.render(folder)
    assert not outcome.failed, outcome.problems
    return folder


def mmcompose(folder: Path, *arguments: str) -> Answer:
    """In this process, its environment as the test has made it."""
    result = CliRunner().invoke(main, ["-C", str(folder), *arguments])
    if isinstance(result.exception, Failure):
        return Answer(result.exception.code, result.stdout, result.exception.message)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Answer(result.exit_code, result.stdout, result.stderr)


def doctor(folder: Path, *arguments: str) -> Answer:
    return mmcompose(folder, "doctor", "--format", "json", *arguments)


def docker_that(folder: Path, answers: dict[str, Any]) -> Path:
    """A program in the place of `docker`: the first of `answers` whose words begin the arguments is what it says."""
    cases = []
    for parts, (code, out, err) in answers.items():
        quoted = [text.replace("'", "'\\''") for text in (out, err)]
        cases.append(f"\"{parts}\"*) printf %s '{quoted[0]}'; printf %s '{quoted[1]}' >&2; exit {code} ;;")
    folder.mkdir(exist_ok=True)
    place = folder / "docker"
    place.write_text('#!/bin/sh\ncase "$*" in\n' + "\n".join(cases) + '\n*) echo "not said: $*" >&2; exit 1 ;;\nesac\n')
    place.chmod(0o755)
    return folder
