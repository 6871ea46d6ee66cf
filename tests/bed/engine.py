"""A Docker Engine that answers: the one that is there, else one that the bed starts."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bed import announce, debian, network, permission, pins, place, plugins, processes, shell, somebodys
from tests.bed.commands import BedError, NotHereError, run, step, succeeds

if TYPE_CHECKING:
    from collections.abc import Sequence


class NoEngineError(NotHereError):
    """There is no engine, and this machine is not one on which the bed may start one."""


@dataclass(frozen=True)
class Engine:
    """An engine that answers at ``host`` ("" is Docker's own choice). ``inside`` goes before a command that must
    see the published ports of an engine with a network namespace of its own."""

    name: str
    host: str = ""
    inside: tuple[str, ...] = ()

    def environment(self) -> dict[str, str]:
        """The environment in which ``docker`` and everything that starts it meet this engine."""
        kept = {key: value for key, value in os.environ.items() if key != "DOCKER_CONTEXT" or not self.host}
        return {**kept, "DOCKER_HOST": self.host} if self.host else kept

    def docker(self, *arguments: str | Path, timeout: float = 600, stdin: str | None = None) -> str:
        return run(*self.command(*arguments), timeout=timeout, stdin=stdin, env=self.environment())

    def command(self, *arguments: str | Path) -> list[str | Path]:
        return [*self.inside, client(), *arguments]

    def server_version(self) -> str:
        return self.docker("version", "--format", "{{.Server.Version}}").strip()

    def where(self) -> list[str]:
        """The option that names this engine, where no environment is handed over."""
        return ["--host", self.host] if self.host else []


def client() -> str:
    return shutil.which("docker") or str(program("docker"))


def program(name: str) -> Path:
    """A program of the unpacked engine."""
    return shell.programs() / "usr" / ("bin" if name == "docker" else "sbin") / name


def answers(host: str = "") -> bool:
    """Whether an engine answers, told by the version of its server and not only the client's."""
    where = ("--host", host) if host else ()
    known = shutil.which("docker") or program("docker").exists()
    return bool(known) and succeeds(client(), *where, "version", "--format", "{{.Server.Version}}", timeout=20)


def ensure() -> Engine:
    """The engine for the tests, started when need be. Raises NoEngineError where it cannot be had."""
    if not find():
        with place.only_one("engine"):
            if not find():
                set_up()
    if permission.is_root_on_debian():
        with place.only_one("engine"):
            plugins.ensure(client())
    return Engine("default")


def find() -> bool:
    """Whether an engine answers: Docker's own choice, else the bed's. Raises where none does and none may be set up."""
    shell.enter()
    if answers():
        return True
    permit()
    return False


def permit() -> None:
    """Raises where the bed may not set an engine up: one is named, somebody has one, or nothing may be installed."""
    if (elsewhere := os.environ.get("DOCKER_HOST")) and not shell.is_the_beds():
        raise BedError(f"no Docker Engine answers at DOCKER_HOST={elsewhere}; unset it to let the bed start one")
    if found := somebodys.docker():
        raise NoEngineError(
            f"no Docker Engine answers, but there is one on this machine ({', '.join(found)}): start it "
            "(systemctl start docker), or name the one to use in DOCKER_HOST; nothing is set up beside it"
        )
    try:
        permission.need("a Docker Engine")
    except NotHereError as reason:
        raise NoEngineError(str(reason)) from reason


def set_up() -> None:
    announce.first(engine=True)
    with step("tools of the host's release"):
        debian.install_host_tools()
    unpack()
    network.note()
    with step(f"Docker Engine {version_of(program('dockerd'))} answers"):
        start("default", program("dockerd"), shell.socket())
    shell.note()
    shell.enter()


def unpack() -> None:
    debian.unpack(pins.LATE_SUITE, pins.LATE_PACKAGES, place.home() / "engine")
    shell.take_client()


def version_of(dockerd: Path) -> str:
    """Also shows that it runs on this release of Debian, which a later package may not."""
    try:
        return run(dockerd, "--version").split(",")[0].split()[-1]
    except BedError as broken:
        raise BedError(
            f"{broken}\nThe package of Debian {pins.LATE_SUITE} does not run on {pins.HOST_SUITE}: "
            "choose others in tests/bed/pins.py"
        ) from broken


def start(
    name: str,
    dockerd: Path,
    socket: Path,
    *,
    options: Sequence[str | Path] = (),
    around: Sequence[str] = (),
    first_on_path: Sequence[Path] = (),
) -> None:
    """Start a dockerd with data of its own, ``around`` it a command that changes where it runs."""
    own = place.folder("engines", name)
    host = f"unix://{socket}"
    apart: list[str | Path] = [
        *("--data-root", place.folder("engines", name, "root")),
        *("--exec-root", place.short() / name),
        *("--pidfile", own / "dockerd.pid"),
        *("--host", host),
        # Where the machine runs a containerd of its own, engines that share it must not see each other's containers.
        *("--containerd-namespace", f"{place.short().name}-{name}"),
        *("--containerd-plugins-namespace", f"{place.short().name}-{name}-plugins"),
    ]
    if processes.alive(own / "process.json") is None:
        # One that crashed leaves its number behind, and as long as nobody collected it that looks like a living one.
        (own / "dockerd.pid").unlink(missing_ok=True)
    search = [*first_on_path, init_folder(), dockerd.parent, dockerd.parent.parent / "bin"]
    path = os.pathsep.join([*map(str, search), os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    processes.start(
        [*around, dockerd, *apart, *options],
        own / "process.json",
        own / "dockerd.log",
        lambda: answers(host),
        {**os.environ, "PATH": path},
    )


def init_folder() -> Path:
    """dockerd looks for ``docker-init`` on PATH; Debian's is a link that points nowhere once unpacked."""
    init = place.folder("path") / "docker-init"
    if not init.exists():
        init.unlink(missing_ok=True)
        init.symlink_to(shutil.which("tini-static") or "/usr/bin/tini-static")
    return init.parent


def stop(name: str) -> bool:
    """Stop one of the bed's engines with its containers. True when the bed had started it and it ran."""
    return processes.end(place.folder("engines", name) / "process.json")


def running() -> list[str]:
    """The names of the engines that the bed started and that still run."""
    records = (place.home() / "engines").glob("*/process.json")
    return sorted(record.parent.name for record in records if processes.alive(record) is not None)
