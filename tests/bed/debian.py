"""Debian packages: installed when they are the host's own, unpacked beside it when they are another release's."""

from __future__ import annotations

import ctypes
import fnmatch
import os
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bed import added, permission, pins, place
from tests.bed.commands import BedError, run, step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SLIM = [f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("doc", "man", "locale")]
FAST = "--dpkgopt=force-unsafe-io"
# A frozen mirror serves a release file past its date; the option is harmless on a live one.
FROZEN = 'Acquire::Check-Valid-Until "false";'


def install_host_tools() -> None:
    """Install only what no program on PATH provides."""
    added.install(missing_tools())


def missing_tools() -> set[str]:
    return {package for program, package in pins.HOST_TOOLS.items() if not shutil.which(program)}


def install_libraries(needed: Mapping[str, str]) -> None:
    """Install only the libraries that cannot be loaded: name → package."""
    added.install({package for name, package in needed.items() if not loads(name)})


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


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
    permission.need(" ".join(packages))
    with place.only_one(f"unpack-{into.name}"), step(f"{into.name} unpacked from Debian {suite}"):
        if not into.is_dir():
            download_and_unpack(suite, packages, into)


def download_and_unpack(suite: str, packages: Mapping[str, str], into: Path) -> None:
    apt = lists_of(suite, into.name)
    debs = place.folder("apt", into.name) / "debs"
    shutil.rmtree(debs, ignore_errors=True)
    debs.mkdir()
    run(*apt, "download", *(f"{name}={version}" for name, version in offered(apt, suite, packages).items()), cwd=debs)
    half = into.with_name(into.name + ".half")
    shutil.rmtree(half, ignore_errors=True)
    for deb in sorted(debs.glob("*.deb")):
        run("dpkg-deb", "-x", deb, half)
    shutil.rmtree(debs)
    half.rename(into)


def lists_of(suite: str, name: str) -> list[str | Path]:
    """The command of an apt that knows this one release and nothing of the host's, freshly updated."""
    state = place.folder("apt", name)
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
    arguments = [term for key, value in options.items() for term in ("-o", f"{key}={value}")]
    run("apt-get", "-qq", *arguments, "update")
    return ["apt-get", "-qq", *arguments]


def offered(apt: Sequence[str | Path], suite: str, wanted: Mapping[str, str]) -> dict[str, str]:
    """The version of each package to take: the pinned one; where the release has moved on, the one it has now."""
    listed = run("apt-cache", *apt[1:], "madison", *wanted).splitlines()
    has: dict[str, list[str]] = {name: [] for name in wanted}
    for name, version, _ in (line.split("|", 2) for line in listed):
        has.get(name.strip(), []).append(version.strip())
    return {name: choose(suite, name, pinned, has[name]) for name, pinned in wanted.items()}


def on_offer(suite: str, packages: Sequence[str]) -> tuple[str, ...]:
    """Packages for a bootstrap, those with ``=version`` at a version that the release has."""
    pinned = dict(package.split("=", 1) for package in packages if "=" in package)
    has = offered(lists_of(suite, f"offers-{suite}-{os.getpid()}"), suite, pinned) if pinned else {}
    return tuple(
        f"{name}={has[name]}" if (name := package.partition("=")[0]) in has else package for package in packages
    )


def choose(suite: str, name: str, pinned: str, has: Sequence[str]) -> str:
    """``pinned`` may end in a star."""
    if fitting := [version for version in has if fnmatch.fnmatchcase(version, pinned)]:
        return fitting[0]
    if not has:
        raise BedError(f"Debian {suite} has no package {name}: choose another release in tests/bed/pins.py")
    print(f"Debian {suite} no longer has {name} {pinned}: taking {has[0]} (tests/bed/pins.py names the version)")
    return has[0]


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
