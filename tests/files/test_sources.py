"""Sources are fetched through pip and read where they lie: nothing is unpacked, nothing of theirs runs."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import textwrap
import zipfile
from pathlib import Path

import pytest

from mmcompose.files.learn import sources
from mmcompose.files.learn.history import learned, learned_from_help
from mmcompose.files.learn.sources import fetch, read
from mmcompose.model.failure import Failure

SAMPLES = Path(__file__).parents[1] / "engines/samples"


def everything(path: str) -> bool:
    return path.endswith(".py")


def tarball(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            item = tarfile.TarInfo(name)
            item.size = len(content)
            tar.addfile(item, io.BytesIO(content))
    return path


def sample(name: str) -> dict[str, bytes]:
    parts = (SAMPLES / f"{name}.txt").read_text().split("### ")[1:]
    return {path: text.encode() for path, _, text in (part.partition("\n") for part in parts)}


def test_a_source_archive_is_read_without_its_outer_folder(tmp_path: Path) -> None:
    files = {"vllm-1.0/vllm/a.py": b"x = 1", "vllm-1.0/README": b"", "vllm-1.0/python/vllm/b.py": b"y = \xff"}
    assert read(tarball(tmp_path / "a.tar.gz", files), everything) == {"vllm/a.py": "x = 1", "vllm/b.py": "y = \ufffd"}


def test_a_wheel_is_read_as_it_is(tmp_path: Path) -> None:
    wheel = tmp_path / "a.whl"
    with zipfile.ZipFile(wheel, "w") as bundle:
        bundle.writestr("sglang/srt/a.py", "x = 1")
        bundle.writestr("sglang/srt/a.so", b"\0")
    assert read(wheel, everything) == {"sglang/srt/a.py": "x = 1"}


def test_links_and_strange_paths_in_an_archive_do_no_harm(tmp_path: Path) -> None:
    archive = tmp_path / "a.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        link = tarfile.TarInfo("p/evil.py")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
        up = tarfile.TarInfo("p/../../outside.py")
        up.size = 1
        tar.addfile(up, io.BytesIO(b"x"))
    before = sorted(path.name for path in tmp_path.iterdir())
    assert set(read(archive, everything)) <= {"../../outside.py"}
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b" + b"\0" * 40])
def test_a_broken_archive_is_reported(tmp_path: Path, content: bytes) -> None:
    for name in ("a.tar.gz", "a.whl"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Failure, match="is broken"):
            read(tmp_path / name, everything)


def test_what_is_too_large_is_left_out_or_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tarball(tmp_path / "a.tar.gz", {"p/a.py": b"x" * 100, "p/b.py": b"y" * 100, "p/c.py": b"z" * 2000})
    monkeypatch.setattr(sources, "LARGEST_FILE", 1000)
    assert set(read(archive, everything)) == {"a.py", "b.py"}
    monkeypatch.setattr(sources, "LARGEST_TOTAL", 150)
    with pytest.raises(Failure, match="more than 150 bytes"):
        read(archive, everything)


@pytest.mark.parametrize(
    "spec", ["vllm", "vllm>=1", "--index-url=x", "vllm==1 --pre", "vllm == 1", "a" * 500 + "==1", "../x==1", ""]
)
def test_only_a_pinned_release_is_fetched(spec: str) -> None:
    with pytest.raises(Failure, match="names no release"):
        fetch(spec, everything)


def stand_in_for_pip(folder: Path, body: str) -> str:
    """A `python` that plays pip: it gets `-m pip download ... --dest FOLDER ... SPEC`."""
    script = folder / "python"
    script.write_text("#!/bin/sh\n" + textwrap.dedent(body))
    script.chmod(0o755)
    return str(script)


BACKEND = """
import pathlib
pathlib.Path({marker!r}).write_text("ran")
def get_requires_for_build_wheel(*_): return []
def prepare_metadata_for_build_wheel(folder, *_): raise SystemExit("ran")
build_wheel = build_sdist = prepare_metadata_for_build_wheel
"""
PYPROJECT = b"""[build-system]
requires = []
build-backend = "evilbackend"
backend-path = ["."]
"""


@pytest.mark.parametrize("hashed", ["", "right", "wrong"])
def test_an_archive_that_names_a_build_of_its_own_is_read_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hashed: str
) -> None:
    """The real pip, and an index of the test's own on the disk."""
    ran, shelf = tmp_path / "ran", tmp_path / "vllm"
    shelf.mkdir()
    evil = BACKEND.format(marker=str(ran)).encode()
    files = {"pyproject.toml": PYPROJECT, "evilbackend.py": evil, "setup.py": evil, "vllm/a.py": b"x = 1"}
    archive = tarball(shelf / "vllm-9.9.9.tar.gz", {f"vllm-9.9.9/{name}": text for name, text in files.items()})
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    ending = {"": "", "right": f"#sha256={digest}", "wrong": f"#sha256={'0' * 64}"}[hashed]
    (shelf / "index.html").write_text(f'<a href="{archive.as_uri()}{ending}">{archive.name}</a>')
    monkeypatch.setenv("PIP_INDEX_URL", tmp_path.as_uri())
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in ("pip.py", "sitecustomize.py", "hashlib.py"):
        (tmp_path / name).write_bytes(evil)
    monkeypatch.chdir(tmp_path)
    if hashed == "wrong":
        with pytest.raises(Failure):
            fetch("vllm==9.9.9", everything)
    else:
        assert fetch("vllm==9.9.9", lambda path: path.startswith("vllm/")) == {"vllm/a.py": "x = 1"}
    assert not ran.exists()


def test_a_release_without_a_source_archive_is_read_from_its_wheel(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.whl", "w") as bundle:
        bundle.writestr("p/a.py", "x = 1")
    python = stand_in_for_pip(
        tmp_path,
        f"""
        case "$*" in *--no-binary*) echo "ERROR: No matching distribution found for p==1" >&2; exit 1;; esac
        while [ "$1" != --dest ]; do shift; done
        cp {tmp_path}/x.whl "$2"
        """,
    )
    assert fetch("p==1", everything, python) == {"p/a.py": "x = 1"}


@pytest.mark.parametrize(
    ("body", "message", "transient"),
    [
        ('echo "ERROR: No matching distribution found for p==1" >&2; exit 1', "there is no such release", False),
        ('echo "ERROR: Could not install: connection refused" >&2; exit 1', "connection refused", True),
        ('echo "No module named pip" >&2; exit 1', "has no pip", False),
        ("exit 1", "cannot fetch", True),
    ],
)
def test_why_nothing_came_is_reported(tmp_path: Path, body: str, message: str, *, transient: bool) -> None:
    with pytest.raises(Failure, match=message) as caught:
        fetch("p==1", everything, stand_in_for_pip(tmp_path, body))
    assert (caught.value.code == 4) is transient


def test_no_python_is_reported(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="cannot run"):
        fetch("p==1", everything, str(tmp_path / "nowhere"))


def test_a_learned_release_joins_the_history(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {path: text.decode() for path, text in sample("vllm-moved").items()}
    monkeypatch.setattr("mmcompose.files.learn.history.fetch", lambda spec, wanted: texts)
    found = learned("vllm==0.34.0")
    assert (found.version, found.before, found.total) == ("0.34.0", "0.33.0", 15)
    assert ("removed", ("max_num_seqs",)) in [(change.kind, change.path) for change in found.changes]
    assert '"0.34.0"' in found.text


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("torch==2.0", "cannot learn"),
        ("vllm", "cannot learn"),
        ("llama-cpp-python==0.3.36", "--as bNNNN"),
        ("vllm==0.34.0", "found no flags"),
    ],
)
def test_what_cannot_be_learned_is_reported(monkeypatch: pytest.MonkeyPatch, spec: str, message: str) -> None:
    monkeypatch.setattr("mmcompose.files.learn.history.fetch", lambda spec, wanted: {})
    with pytest.raises(Failure, match=message):
        learned(spec)


def test_a_help_text_is_learned_and_anything_else_is_reported() -> None:
    found = learned_from_help("vllm", "0.34.0", (SAMPLES / "help-argparse.txt").read_text())
    assert (found.version, found.total) == ("0.34.0", 10)
    with pytest.raises(Failure, match="not a help text"):
        learned_from_help("vllm", "0.34.0", "command not found")
    with pytest.raises(Failure, match="--engine"):
        learned_from_help(None, "0.34.0", "")
    with pytest.raises(Failure, match="is not a version of vLLM"):
        learned_from_help("vllm", "nightly", (SAMPLES / "help-argparse.txt").read_text())


@pytest.mark.heavy
def test_one_real_release_through_pip() -> None:
    """The smallest proof that the real pip brings a real source archive without building it."""
    try:
        texts = fetch("llama-cpp-python==0.3.7", lambda path: path.endswith("llama.cpp/common/arg.cpp"))
    except Failure as trouble:
        if trouble.code != 4:
            raise
        pytest.skip(str(trouble))
    found = [text for path, text in texts.items() if path.endswith("common/arg.cpp")]
    assert len(found) == 1
    assert '"--ctx-size"' in found[0]
