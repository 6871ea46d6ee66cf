"""The engine that `make demo` noted is found, and never stands before one that the user means."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mmcompose.deploy.docker import noted_engine
from tests.bed import shell

if TYPE_CHECKING:
    from collections.abc import Iterator

REAL_PATH = os.environ.get("PATH", os.defpath)
READ = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "XDG_STATE_HOME", "PATH", "HOME")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short one: a socket's path has at most 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="mm-") as made:
        yield Path(made)


@pytest.fixture(autouse=True)
def _alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user with a home of their own, and no Docker at the usual place."""
    for name in READ:
        monkeypatch.setenv(name, "")  # so that what the program sets goes with the test
        if name not in ("PATH", "HOME"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(noted_engine, "USUAL", folder / "docker.sock")


def note(folder: Path, content: object | None = None) -> Path:
    path = folder / ".local/state/mmcompose/engine.json"
    path.parent.mkdir(parents=True)
    usual = {"DOCKER_HOST": f"unix://{folder}/own.sock", "DOCKER_CONFIG": f"{folder}/docker", "PATH": f"{folder}/bin"}
    path.write_text(content if isinstance(content, str) else json.dumps(content or usual))
    return path


@pytest.fixture
def listening(folder: Path) -> Iterator[Path]:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "own.sock"))
        server.listen()
        yield folder


def taken() -> bool:
    noted_engine.use()
    return os.environ.get("DOCKER_HOST", "").endswith("/own.sock")


def test_it_is_found_with_its_docker_and_its_plugins(listening: Path) -> None:
    note(listening)
    assert taken()
    assert os.environ["DOCKER_CONFIG"] == f"{listening}/docker"
    assert os.environ["PATH"] == f"/nowhere:{listening}/bin"


def test_a_folder_for_state_is_looked_at_before_the_home(listening: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note(listening)
    monkeypatch.setenv("XDG_STATE_HOME", f"{listening}/.local/state")
    monkeypatch.setenv("HOME", "/nowhere")
    assert taken()


@pytest.mark.parametrize("name", ["DOCKER_HOST", "DOCKER_CONTEXT"])
def test_what_a_variable_names_goes_before_it(listening: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    note(listening)
    monkeypatch.setenv(name, "mine")
    assert not taken()


def test_a_context_that_was_chosen_goes_before_it(listening: Path) -> None:
    note(listening)
    (listening / ".docker").mkdir()
    (listening / ".docker/config.json").write_text('{"currentContext": "desktop-linux"}')
    assert not taken()


def test_whoever_listens_at_the_usual_place_goes_before_it(listening: Path) -> None:
    note(listening)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(listening / "docker.sock"))
        server.listen()
        assert not taken()


def test_an_engine_that_was_stopped_is_not_named(folder: Path) -> None:
    note(folder)
    assert not taken()
    assert "DOCKER_HOST" not in os.environ


@pytest.mark.parametrize("text", ["", "{", "[]", '{"DOCKER_HOST": 3}', '{"DOCKER_HOST": "a\\u0000b"}', "null"])
def test_a_damaged_note_names_nothing(listening: Path, text: str) -> None:
    note(listening, text)
    assert not taken()


def test_somebody_elses_note_names_nothing(listening: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note(listening)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert not taken()


@pytest.mark.docker
def test_a_command_that_asks_docker_finds_it(docker: object, folder: Path, tmp_path: Path) -> None:
    """The engine of this machine by another name: a socket that nobody knows but the note."""
    real = shell.socket() if noted_engine.listens(shell.socket()) else Path("/var/run/docker.sock")
    (folder / "own.sock").symlink_to(real)
    note(folder, {**shell.variables(), "DOCKER_HOST": f"unix://{folder}/own.sock"})
    requested = (
        "from mmcompose.deploy.docker import noted_engine; from pathlib import Path;"
        "noted_engine.USUAL = Path('/nowhere');"
        "from mmcompose.deploy.docker.engine import DockerEngine; import os;"
        "print(DockerEngine().version()['engine'], os.environ['DOCKER_HOST'])"
    )
    clean = {name: value for name, value in os.environ.items() if name not in READ or name == "PATH"}
    environment = {**clean, "HOME": str(folder), "PATH": REAL_PATH}
    done = subprocess.run(
        [sys.executable, "-c", requested], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.split()[-1:] == [f"unix://{folder}/own.sock"], done.stderr
