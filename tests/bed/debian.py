"""Debian packages: installed when they are the host's own, unpacked beside it when they are another release's."""

from __future__ import annotations

import ctypes
import os
import shlex
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bed import pins, place
from tests.bed.commands import BedError, run, step

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

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
    install({package for program, package in pins.HOST_TOOLS.items() if not shutil.which(program)})


def install_libraries(needed: Mapping[str, str]) -> None:
    """Install only the libraries that cannot be loaded: name → package."""
    install({package for name, package in needed.items() if not loads(name)})


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def install(missing: Collection[str]) -> None:
    if not missing:
        return
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    deadline = time.monotonic() + 300
    while True:
        try:
            run("dpkg", "--configure", "-a", env=env)  # a run killed half-way leaves packages unpacked only
            run("apt-get", "-qq", "update", env=env)
            run("apt-get", "-qq", "install", "-y", "--no-install-recommends", *sorted(missing), env=env)
        except BedError as problem:
            # apt waits for another apt's lock in some of its commands only.
            if "lock" not in str(problem) or time.monotonic() > deadline:
                raise
            time.sleep(2)
        else:
            return


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
    with place.only_one(f"unpack-{into.name}"), step(f"{into.name} unpacked from Debian {suite}"):
        if not into.is_dir():
            download_and_unpack(suite, packages, into)


def download_and_unpack(suite: str, packages: Mapping[str, str], into: Path) -> None:
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


def has_memory_to_spare() -> bool:
    """Two images are made at a time, each of some 300 MB before its packages are cleaned away."""
    meminfo = Path("/proc/meminfo").read_text().splitlines()
    kilobytes = next((int(line.split()[1]) for line in meminfo if line.startswith("MemAvailable:")), 0)
    return kilobytes > 4_000_000


def in_memory() -> tuple[str, ...]:
    """What goes before a command that writes many small files: a file system in memory, seen by this one process and
    gone with it however it ends. It halves the time on a busy disk."""
    folder = shlex.quote(str(place.folder("memory")))
    mounted = f'mount -t tmpfs -o mode=1777 mmcompose-bed {folder} && TMPDIR={folder} exec "$0" "$@"'
    return ("unshare", "--mount", "--", "sh", "-c", mounted)


def keyring() -> str:
    return "/usr/share/keyrings/debian-archive-keyring.gpg"


def bootstrap(suite: str, packages: tuple[str, ...], *options: str) -> list[str]:
    """The command that writes a root file system with these packages to its standard output."""
    return [
        *(in_memory() if has_memory_to_spare() else ()),
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
