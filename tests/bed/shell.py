"""What a shell needs to meet the bed's engine: its socket, the client's plugins, docker and mmcompose on PATH.

Nothing is linked into folders of the system. The same variables are noted for mmcompose, which finds the engine by
itself (mmcompose/deploy/docker/noted_engine.py has the rule).
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from mmcompose.deploy.docker import noted_engine
from tests.bed import place

PLUGINS = Path("usr/libexec/docker/cli-plugins")
KEPT = ("currentContext", "proxies")
"""Of the user's own settings of Docker; a password stays where it is."""


def socket() -> Path:
    return place.short() / "docker.sock"


def programs() -> Path:
    """The unpacked engine."""
    return place.home() / "engine"


def settings() -> Path:
    """A folder of settings for the docker client, made when need be, which adds the bed's plugins to the user's."""
    before = Path(os.environ.get("DOCKER_CONFIG") or Path(os.environ.get("HOME") or "/nonexistent", ".docker"))
    made = place.folder("docker")
    if before == made:
        return made
    users: object = {}
    with suppress(OSError, ValueError):
        users = json.loads((before / "config.json").read_text())
    kept = {name: users[name] for name in KEPT if name in users} if isinstance(users, dict) else {}
    text = json.dumps({**kept, "cliPluginsExtraDirs": [str(programs() / PLUGINS), str(before / "cli-plugins")]})
    if not (made / "config.json").exists() or (made / "config.json").read_text() != text:
        half = made / f".config.{os.getpid()}"
        half.write_text(text)
        half.rename(made / "config.json")
    with suppress(FileExistsError):
        if (before / "contexts").is_dir():
            (made / "contexts").symlink_to(before / "contexts")
    return made


def variables() -> dict[str, str]:
    """PATH is a folder to add, the others are values."""
    return {
        "DOCKER_HOST": f"unix://{socket()}",
        "DOCKER_CONFIG": str(settings()),
        "PATH": str(programs() / "usr/bin"),
    }


def enter() -> None:
    """Turn this program to the bed's engine where it runs and Docker's own choice is not there."""
    if not noted_engine.chosen() and not noted_engine.listens(noted_engine.USUAL) and noted_engine.listens(socket()):
        os.environ["DOCKER_HOST"] = f"unix://{socket()}"
        take_client()
        take_plugins()


def take_client() -> None:
    if not shutil.which("docker"):
        os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), variables()["PATH"]])


def take_plugins() -> None:
    os.environ["DOCKER_CONFIG"] = str(settings())


def is_the_beds() -> bool:
    """Whether this program is turned to the bed's own engine."""
    return os.environ.get("DOCKER_HOST") == f"unix://{socket()}"


def lacking() -> list[str]:
    """Folders that a shell lacks on its PATH: of the bed's docker where there is no other, of this mmcompose."""
    docker, ours = shutil.which("docker"), Path(sys.executable).with_name("mmcompose")
    folders = [Path(docker).parent] if docker and Path(docker).is_relative_to(programs()) else []
    folders += [ours.parent] if ours.is_file() and not shutil.which("mmcompose") else []
    return [str(folder) for folder in folders]


def line() -> str:
    """What a shell evaluates; nothing where it lacks nothing."""
    arguments = {}
    if is_the_beds():
        arguments["DOCKER_HOST"] = shlex.quote(os.environ["DOCKER_HOST"])
    if os.environ.get("DOCKER_CONFIG") == str(place.home() / "docker"):
        arguments["DOCKER_CONFIG"] = shlex.quote(os.environ["DOCKER_CONFIG"])
    if folders := lacking():
        arguments["PATH"] = f'"$PATH":{shlex.quote(os.pathsep.join(folders))}'
    return f"export {' '.join(f'{name}={value}' for name, value in arguments.items())}" if arguments else ""


def note() -> None:
    """Tell mmcompose of the engine."""
    path = noted_engine.place()
    if path is None:
        return
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f".engine.{os.getpid()}")
        half.write_text(json.dumps(variables(), indent=1) + "\n")
        half.rename(path)


def forget() -> None:
    """Take the note back, if it is of this bed."""
    path = noted_engine.place()
    if path and noted_engine.read().get("DOCKER_HOST") == f"unix://{socket()}":
        path.unlink(missing_ok=True)
        with suppress(OSError):
            path.parent.rmdir()
