"""The wheel is the whole program: in an empty folder it renders the same bytes as a checkout does."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.architecture.house import ROOT

SHIPPED = ("templates", "profiles", "benchmarks")
PIP = next((ROOT / "tools" / "pip").glob("pip-*.whl")) / "pip"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel in it; the libraries are seen through a .pth file, so nothing is fetched."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    (next(folder.glob("lib/python3*/site-packages")) / "libraries.pth").write_text(f"{libraries}\n", encoding="utf-8")
    install = [str(PIP), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([str(folder / "bin" / "python"), *install], check=True)
    return folder / "bin" / "mmcompose"


def run(program: Path | str, *arguments: str, folder: Path) -> str:
    state = {"XDG_STATE_HOME": str(folder.parent / "state")}
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1", **state}
    result = subprocess.run(
        [program, *arguments], cwd=folder, env=environment, check=False, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def tracked(folder: str) -> set[str]:
    listed = subprocess.run(["git", "ls-files", folder], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return set(listed.splitlines())


def files_below(folder: Path) -> dict[str, bytes]:
    """All but what is this machine's own and never committed."""
    found = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    return {str(name): path.read_bytes() for name, path in found.items() if name.parts[0] != ".mmcompose"}


def test_the_wheel_holds_every_tracked_file_of_the_package_and_of_what_is_shipped(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    missing = {path for path in tracked("mmcompose") if path not in held}
    for folder in SHIPPED:
        left_out = (f"{folder}/results/", f"{folder}/render/", f"{folder}/fetch/")
        missing |= {
            path
            for path in tracked(folder)
            if not path.startswith(left_out) and f"mmcompose/shipped/{path}" not in held
        }
    assert missing == set()


def test_the_wheel_holds_nothing_that_only_developers_need(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.startswith("mmcompose")} == set()
    assert not [
        name
        for name in zipfile.ZipFile(wheel).namelist()
        if re.search(r"benchmarks/results/(?!\.gitkeep)", name) or "__pycache__" in name
    ]


def test_the_sdist_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target"]
    subprocess.run([*build, "sdist", "--directory", str(tmp_path)], cwd=ROOT, check=True, capture_output=True)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = (place for place in tmp_path.iterdir() if place.is_dir())
    subprocess.run([*build, "wheel", "--directory", str(tmp_path)], cwd=unpacked, check=True, capture_output=True)
    assert hashes(next(tmp_path.glob("*.whl"))) == hashes(wheel)


def hashes(wheel: Path) -> dict[str, int]:
    return {one.filename: one.CRC for one in zipfile.ZipFile(wheel).infolist()}


def test_an_installed_wheel_is_not_the_checkout(installed: Path) -> None:
    where = run(
        installed.with_name("python"), "-c", "import mmcompose; print(mmcompose.__file__)", folder=installed.parent
    )
    assert Path(where.strip()).is_relative_to(installed.parent.parent)


def test_an_installed_wheel_says_its_version(installed: Path, tmp_path: Path) -> None:
    from mmcompose import __version__

    assert __version__ in run(installed, "--version", folder=tmp_path)


def test_a_new_project_renders_the_same_bytes_from_the_wheel_and_from_the_checkout(
    installed: Path, tmp_path: Path
) -> None:
    rendered = []
    for name, program in (("wheel", installed), ("checkout", Path(sys.executable).with_name("mmcompose"))):
        home = tmp_path / name
        home.mkdir()
        run(program, "init", "demo", folder=home)
        run(program, "render", folder=home / "demo")
        rendered.append(files_below(home / "demo"))
    assert rendered[0].keys() >= {"compose.yaml", "mmcompose.yaml", "compose/mmcompose.lock"}
    assert rendered[0] == rendered[1]
