"""Fetches the source of a released Python package, without building it and without running its code.

`pip download` runs a source archive's build to get its metadata. So pip only finds the archive's address, and its bytes
are fetched from there; a wheel has no build to run, so pip may download it. Archives are read, never unpacked.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from mmcompose.model.failure import Failure

SPEC = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,80})==([A-Za-z0-9][A-Za-z0-9.+!_-]{0,60})")
LARGEST_FILE = 4 * 1024 * 1024
LARGEST_TOTAL = 200 * 1024 * 1024
PATIENCE = 900.0  # seconds for one download
_FIND = """
import hashlib, pathlib, sys
from pip._internal.commands import create_command
from pip._vendor.packaging.version import Version
folder, (name, version) = pathlib.Path(sys.argv[2]), sys.argv[3].split("==")
command = create_command("download")
options, _ = command.parse_args(["--no-deps", "--quiet", "--ignore-requires-python", name])
with command.main_context():
    session = command.get_default_session(options)
    found = command._build_package_finder(options, session).find_all_candidates(name)
    links = [one.link for one in found if one.version == Version(version) and not one.link.is_wheel]
    if not links:
        sys.exit("ERROR: No matching distribution found for a source archive of " + sys.argv[3])
    link, size = links[0], 0
    known = hashlib.new(link.hash_name) if link.hash_name else None
    kind = ".zip" if link.filename.endswith(".zip") else ".tar.gz"
    answer = session.get(link.url_without_fragment, headers={"Accept-Encoding": "identity"}, stream=True)
    answer.raise_for_status()
    with open(folder / ("source" + kind), "wb") as file:
        for part in answer.iter_content(1 << 20):
            size += len(part)
            if size > LARGEST:
                sys.exit("ERROR: the source archive is larger than %d bytes" % LARGEST)
            known and known.update(part)
            file.write(part)
    if known and known.hexdigest() != link.hash:
        sys.exit("ERROR: the source archive is not the one whose hash the index names")
"""
"""Runs in the Python that has pip; FOLDER and SPEC follow `--dest`. It reads the index and copies bytes."""


def fetch(spec: str, wanted: Callable[[str], bool], python: str = sys.executable) -> dict[str, str]:
    """The texts of the wanted members by their path inside the package, `vllm/engine/arg_utils.py`."""
    if not SPEC.fullmatch(spec):
        raise Failure(f"{spec!r} names no release: write PACKAGE==VERSION", 2)
    with tempfile.TemporaryDirectory(prefix="mmcompose-") as folder:
        troubles = []
        for kind in ("source", "wheel"):  # a source archive is smaller, but not every release has one
            trouble = _download(spec, kind, Path(folder), python)
            archive = next((path for path in Path(folder).iterdir() if path.suffix in (".gz", ".whl", ".zip")), None)
            if archive is not None and not trouble:
                return read(archive, wanted)
            for path in Path(folder).iterdir():
                path.unlink()
            troubles.append(trouble)
        missing = all("No matching distribution" in trouble for trouble in troubles)
        reason = "there is no such release" if missing else troubles[-1]
        raise Failure(f"cannot fetch {spec}: {reason}", 2 if missing else 4)


def _download(spec: str, kind: str, folder: Path, python: str) -> str:
    """Runs pip; returns the last line of its report if it brings nothing."""
    where = ["--dest", str(folder)]
    arguments = {
        "source": ["-c", f"LARGEST = {LARGEST_TOTAL}\n{_FIND}", *where, spec],
        "wheel": ["-m", "pip", "download", "--quiet", "--no-deps", *where, "--only-binary", ":all:", spec],
    }
    # Python imports from the folder that it starts in, so this one is empty.
    environment = {**os.environ, "PIP_NO_INPUT": "1", "PYTHONSAFEPATH": "1"}
    try:
        done = subprocess.run(
            [python, *arguments[kind]],
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            env=environment,
            timeout=PATIENCE,
            check=False,
        )
    except FileNotFoundError as error:
        raise Failure(f"cannot run {python}: {error.strerror}", 2) from None
    except subprocess.TimeoutExpired:
        raise Failure(f"pip took longer than {PATIENCE:.0f} s to fetch {spec}", 4) from None
    if re.search(r"No module named '?pip", done.stderr):
        raise Failure("this Python has no pip: add it with `python -m ensurepip`, or with uv", 2)
    if not done.returncode:
        return ""
    lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
    return lines[-1][:300] if lines else f"pip ended with {done.returncode}"


def read(archive: Path, wanted: Callable[[str], bool]) -> dict[str, str]:
    """The wanted text files of an archive. Writes nothing, and skips files that are too large."""
    texts: dict[str, str] = {}
    total = 0
    try:
        for name, size, load in _members(archive):
            path = _inside(name, archive)
            if size > LARGEST_FILE or not wanted(path):
                continue
            total += size
            if total > LARGEST_TOTAL:
                raise Failure(f"{archive.name} holds more than {LARGEST_TOTAL} bytes of source", 2)
            texts[path] = load().decode("utf-8", "replace")
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise Failure(f"{archive.name} is broken: {error}", 4) from None
    return texts


def _members(archive: Path) -> list[tuple[str, int, Callable[[], bytes]]]:
    if archive.suffix in (".whl", ".zip"):
        bundle = zipfile.ZipFile(archive)
        return [(item.filename, item.file_size, lambda item=item: bundle.read(item)) for item in bundle.infolist()]  # type: ignore[misc]
    tar = tarfile.open(archive)  # noqa: SIM115 - read from while the list lives
    return [(item.name, item.size, lambda item=item: _content(tar, item)) for item in tar if item.isfile()]  # type: ignore[misc]


def _content(tar: tarfile.TarFile, item: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(item)
    return file.read() if file else b""


def _inside(name: str, archive: Path) -> str:
    """Drops the archive's top folder, and SGLang's `python/`."""
    parts = name.split("/")
    if archive.suffix == ".gz":
        parts = parts[1:]
    if parts[:1] in (["python"], ["src"]):
        parts = parts[1:]
    return "/".join(parts)
