"""What an overridden start is started from holds what was written for it and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mmcompose.deploy.start import aside

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = {
    "compose/aa.yaml": "services: {}\n",
    "compose/profiles/aa.yaml": "services: {}\n",
    "compose/config/aa/aa/config.json": "{}\n",
    "compose/build/rapidocr/Dockerfile": "FROM scratch\n",
    "compose/bb.yaml": "services: {}\n",
}


def there(root: Path) -> set[str]:
    return {place.relative_to(root).as_posix() for place in root.rglob("*") if place.is_file() or place.is_symlink()}


def test_a_file_that_was_put_beside_them_goes_before_it_reaches_an_image_or_a_container(tmp_path: Path) -> None:
    aside.overridden(tmp_path, "mm", "aa", TEXTS)
    expected = there(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/mine.txt").write_text("mine\n")
    build = tmp_path / ".mmcompose/build"
    (build / "rapidocr/app").mkdir()
    (build / "rapidocr/app/sitecustomize.py").write_text("print(1)\n")
    (build / "rapidocr/more").symlink_to(tmp_path / "elsewhere")
    (tmp_path / ".mmcompose/config/aa/aa/more.json").write_text("{}\n")
    aside.overridden(tmp_path, "mm", "aa", TEXTS)
    assert there(tmp_path) == {*expected, "elsewhere/mine.txt"}


def test_the_files_and_logs_of_others_stay(tmp_path: Path) -> None:
    aside.keep(tmp_path, "config/bb/bb/config.json", "{}\n")
    aside.keep_log(tmp_path, "aa", ["a line"])
    aside.overridden(tmp_path, "mm", "aa", TEXTS)
    assert {".mmcompose/config/bb/bb/config.json", ".mmcompose/logs/aa.log"} <= there(tmp_path)


def test_a_build_folder_of_our_own_holds_nothing_but_its_files(tmp_path: Path) -> None:
    stray = tmp_path / ".mmcompose/build/bench/mmbench/sitecustomize.py"
    stray.parent.mkdir(parents=True)
    stray.write_text("print(1)\n")
    folder = aside.context(tmp_path, "bench", {"Dockerfile": "FROM scratch\n", "mmbench/cli.py": "x\n"})
    assert folder == tmp_path / ".mmcompose/build/bench"
    assert there(folder) == {"Dockerfile", "mmbench/cli.py"}


@pytest.mark.parametrize("link", [".mmcompose/build/more", ".mmcompose/build/rapidocr", ".mmcompose/config/aa"])
@pytest.mark.parametrize("place", ["home", "project/profiles"])
def test_nothing_is_removed_through_a_link_that_a_commit_brought(tmp_path: Path, link: str, place: str) -> None:
    root, mine = tmp_path / "project", tmp_path / place / "inner/mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine\n")
    (root / link).parent.mkdir(parents=True)
    (root / link).symlink_to(tmp_path / place)
    with pytest.raises(OSError, match="it leads to"):
        aside.overridden(root, "mm", "aa", TEXTS)
    assert mine.read_text() == "mine\n"
