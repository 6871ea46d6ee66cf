"""Debian packages: installed when they are the host's own, unpacked beside it when they are another release's."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bed import pins, place
from tests.bed.commands import BedError, run

if TYPE_CHECKING:
    from collections.abc import Mapping

SLIM = [f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("doc", "man", "locale")]
FAST = "--dpkgopt=force-unsafe-io"
# A frozen mirror serves a release file past its date; the option is harmless on a live one.
FROZEN = 'Acquire::Check-Valid-Until "false";'


def is_root_on_debian() -> bool:
    release = Path("/etc/os-release")
    words = release.read_text().split() if release.exists() else []
    return os.geteuid() == 0 and "ID=debian" in words and f"VERSION_CODENAME={pins.HOST_SUITE}" in words


def install_host_tools() -> None:
    """Install only what no program on PATH provides."""
    missing = sorted({package for program, package in pins.HOST_TOOLS.items() if not shutil.which(program)})
    if not missing:
        return
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ("apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300")
    run(*apt, "update", env=env)
    run(*apt, "install", "-y", "--no-install-recommends", *missing, env=env)


def mirror() -> str:
    """The archive that this machine's own apt takes its release from."""
    listed = run("apt-get", "indextargets", "--format", "$(CREATED_BY) $(RELEASE) $(REPO_URI)").splitlines()
    for line in listed:
        kind, suite, address = line.split(" ", 2)
        if kind == "Packages" and suite == pins.HOST_SUITE:
            return address.rstrip("/")
    raise BedError(f"apt knows no archive of Debian {pins.HOST_SUITE} (apt-get indextargets lists none)")


def unpack(suite: str, packages: Mapping[str, str], into: Path) -> None:
    """Unpack packages of any release into a folder, whole or not at all, leaving the host's apt state alone."""
    if into.is_dir():
        return
    state = place.folder("apt", into.name)
    for part in ("lists/partial", "cache/archives/partial"):
        (state / part).mkdir(parents=True, exist_ok=True)
    (state / "status").touch()
    sources = state / "sources.list"
    sources.write_text(f"deb [signed-by={keyring()}] {mirror()} {suite} main\n")
    options = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State": state,
        "Dir::State::status": state / "status",
        "Dir::Cache": state / "cache",
        "Acquire::Check-Valid-Until": "false",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "root",
    }
    apt = ["apt-get", "-qq", *(word for key, value in options.items() for word in ("-o", f"{key}={value}"))]
    run(*apt, "update")
    debs = state / "debs"
    shutil.rmtree(debs, ignore_errors=True)
    debs.mkdir()
    try:
        run(*apt, "download", *(f"{name}={version}" for name, version in packages.items()), cwd=debs)
    except BedError as moved:
        raise BedError(f"{moved}\nWhen {suite} has moved on, choose new versions in tests/bed/pins.py.") from moved
    half = into.with_name(into.name + ".half")
    shutil.rmtree(half, ignore_errors=True)
    for deb in sorted(debs.glob("*.deb")):
        run("dpkg-deb", "-x", deb, half)
    shutil.rmtree(debs)
    half.rename(into)


def keyring() -> str:
    return "/usr/share/keyrings/debian-archive-keyring.gpg"


def bootstrap(suite: str, packages: tuple[str, ...], *options: str) -> list[str]:
    """The command that writes a root file system with these packages to its standard output."""
    return [
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        f"--aptopt={FROZEN}",
        *SLIM,
        FAST,
        f"--include={','.join(('ca-certificates', *packages))}",
        *options,
        suite,
        "-",
        mirror(),
    ]
