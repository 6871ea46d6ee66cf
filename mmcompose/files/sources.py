"""Fetches the source of a released Python package, without building it and without running any of its code.

pip asks a source archive for its metadata by running the archive's own build. A stand-in for the build tools answers
instead, so only unpacking is left, and the archive is read, never extracted.
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

SPEC = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,80})==([A-Za-z0-9][A-Za-z0-9.+!_-]{0,60})")
LARGEST_FILE = 4 * 1024 * 1024
LARGEST_TOTAL = 200 * 1024 * 1024
PATIENCE = 900.0  # seconds for one download
BUILD_TOOLS = ("setuptools/build_meta.py", "scikit_build_core/build.py", "hatchling/build.py", "mesonpy.py")
STAND_IN = """
import os, pathlib
def get_requires_for_build_wheel(config_settings=None):
    return []
def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    name, version = os.environ["MMCOMPOSE_WANTED"].split("==")
    folder = pathlib.Path(metadata_directory, f"{name.replace('-', '_')}-{version}.dist-info")
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
    return folder.name
"""


class Unfetched(Exception):  # noqa: N818 - a message for the reader
    """The source is not to be had. `transient`: trying again may help."""

    def __init__(self, message: str, *, transient: bool) -> None:
        super().__init__(message)
        self.transient = transient


def fetch(spec: str, wanted: Callable[[str], bool], python: str = sys.executable) -> dict[str, str]:
    """The texts of the wanted members by their path inside the package, `vllm/engine/arg_utils.py`."""
    if not SPEC.fullmatch(spec):
        raise Unfetched(f"{spec!r} names no release: write PACKAGE==VERSION", transient=False)
    with tempfile.TemporaryDirectory(prefix="mmcompose-") as folder:
        troubles = []
        for kind in ("source", "wheel"):  # a source archive is smaller, but not every release has one
            trouble = _download(spec, kind, Path(folder), python)
            archive = next((path for path in Path(folder).iterdir() if path.suffix in (".gz", ".whl", ".zip")), None)
            if archive is not None:
                return read(archive, wanted)
            troubles.append(trouble)
        missing = all("No matching distribution" in trouble for trouble in troubles)
        reason = "there is no such release" if missing else troubles[-1]
        raise Unfetched(f"cannot fetch {spec}: {reason}", transient=not missing)


def _download(spec: str, kind: str, folder: Path, python: str) -> str:
    """Runs pip; what it said last when nothing came."""
    options = ["--no-binary", ":all:", "--no-build-isolation"] if kind == "source" else ["--only-binary", ":all:"]
    tools = folder / "tools"
    for tool in BUILD_TOOLS:
        (tools / tool).parent.mkdir(parents=True, exist_ok=True)
        (tools / tool).write_text(STAND_IN, encoding="utf-8")
    environment = {**os.environ, "MMCOMPOSE_WANTED": spec, "PIP_NO_INPUT": "1"}
    if kind == "source":
        environment["PYTHONPATH"] = str(tools)
    command = [python, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), *options, spec]
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=PATIENCE, check=False)
    except FileNotFoundError as error:
        raise Unfetched(f"cannot run {python}: {error.strerror}", transient=False) from None
    except subprocess.TimeoutExpired:
        raise Unfetched(f"pip took longer than {PATIENCE:.0f} s to fetch {spec}", transient=True) from None
    if "No module named pip" in done.stderr:
        raise Unfetched("this Python has no pip: add it with `python -m ensurepip`, or with uv", transient=False)
    lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
    return lines[-1][:300] if lines else ""


def read(archive: Path, wanted: Callable[[str], bool]) -> dict[str, str]:
    """The wanted text files of an archive; nothing is written, and what is too large is left out."""
    texts: dict[str, str] = {}
    total = 0
    try:
        for name, size, load in _members(archive):
            path = _inside(name, archive)
            if size > LARGEST_FILE or not wanted(path):
                continue
            total += size
            if total > LARGEST_TOTAL:
                raise Unfetched(f"{archive.name} holds more than {LARGEST_TOTAL} bytes of source", transient=False)
            texts[path] = load().decode("utf-8", "replace")
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise Unfetched(f"{archive.name} is broken: {error}", transient=True) from None
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
    """Without the folder that a source archive wraps everything in, and without SGLang's `python/`."""
    parts = name.split("/")
    if archive.suffix == ".gz":
        parts = parts[1:]
    if parts[:1] in (["python"], ["src"]):
        parts = parts[1:]
    return "/".join(parts)
