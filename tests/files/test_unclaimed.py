"""Without a lock nobody knows who wrote a file: one that names mmcompose is written over, and its content is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mmcompose.files.gather import lock as locks
from tests.disk import CHAT, mmcompose, outputs, project

if TYPE_CHECKING:
    from pathlib import Path

CHANGED = CHAT + "args: {ctx_size: 1024}\n"


@pytest.fixture
def rendered(tmp_path: Path) -> Path:
    folder = project(tmp_path / "project", {"one": CHAT, "two": CHAT})
    assert mmcompose(folder, "render").code == 0
    return folder


def test_the_advice_after_a_torn_lock_works_when_profiles_changed_meanwhile(rendered: Path) -> None:
    (rendered / locks.NAME).write_text('{"compiler": "abc', encoding="utf-8")
    project(rendered, {"one": CHANGED, "two": CHANGED})
    torn = mmcompose(rendered, "render")
    assert torn.code == 2
    assert "delete it and render again" in torn.err
    (rendered / locks.NAME).unlink()
    answer = mmcompose(rendered, "render")
    assert answer.code == 0
    assert answer.err == (
        "updated compose/one.yaml\nupdated compose/two.yaml\n"
        "no lock records who wrote compose/one.yaml and compose/two.yaml:"
        " the former content is kept in .mmcompose/replaced/\n"
    )
    assert mmcompose(rendered, "render", "--check").code == 0


def test_an_edit_by_hand_is_kept_where_no_lock_tells_it_from_our_own_bytes(rendered: Path) -> None:
    place = rendered / "compose/one.yaml"
    place.write_text(place.read_text(encoding="utf-8") + "# my edit\n", encoding="utf-8")
    edited = place.read_bytes()
    (rendered / locks.NAME).unlink()
    assert mmcompose(rendered, "render", "--check").code == 1
    assert place.read_bytes() == edited
    assert mmcompose(rendered, "render").code == 0
    assert (rendered / ".mmcompose/replaced/compose/one.yaml").read_bytes() == edited


def test_files_that_cannot_say_who_wrote_them_follow_compose_yaml(tmp_path: Path) -> None:
    folder = project(tmp_path, {"aa": "backend: rapidocr\nhost: cpu\nports: {api: auto}\nimage_type: build\n"})
    assert mmcompose(folder, "render").code == 0
    dockerfile = folder / "compose/build/rapidocr/Dockerfile"
    ours = outputs(folder)
    dockerfile.write_text("FROM scratch\n", encoding="utf-8")
    (folder / locks.NAME).unlink()
    assert mmcompose(folder, "render").code == 0
    assert outputs(folder) == ours
    assert (folder / ".mmcompose/replaced/compose/build/rapidocr/Dockerfile").read_text() == "FROM scratch\n"


def test_a_file_that_does_not_say_so_stays_somebody_else_s(rendered: Path) -> None:
    for name in ("one", "two"):
        (rendered / f"compose/{name}.yaml").write_text("services: {}\n", encoding="utf-8")
    (rendered / locks.NAME).unlink()
    answer = mmcompose(rendered, "render")
    assert answer.code == 1
    assert "compose/one.yaml and compose/two.yaml were not made by mmcompose: nothing was written;" in answer.err
    assert (rendered / "compose/one.yaml").read_text(encoding="utf-8") == "services: {}\n"


def test_what_was_edited_and_what_was_not_made_by_us_are_distinguished(rendered: Path) -> None:
    place = rendered / "compose/one.yaml"
    place.write_text(place.read_text(encoding="utf-8") + "# my edit\n", encoding="utf-8")
    project(rendered, {"zz": CHAT, "compose/zz.yaml": "services: {}\n"})
    err = mmcompose(rendered, "render").err
    assert "compose/one.yaml was edited by hand, and compose/zz.yaml was not made by mmcompose: nothing was" in err


def test_a_render_that_was_killed_between_the_two_does_not_call_the_file_an_edit(rendered: Path) -> None:
    (rendered / locks.NAME).unlink()
    project(rendered, {"one": CHANGED})
    (rendered / "compose/.mmcompose-intent").write_text('{"compose/one.yaml": ["abc"]}', encoding="utf-8")
    assert mmcompose(rendered, "render").code == 0


def test_nothing_is_written_over_where_its_content_cannot_be_kept(rendered: Path, tmp_path: Path) -> None:
    project(rendered, {"one": CHANGED})
    (rendered / locks.NAME).unlink()
    before = outputs(rendered)
    for place in (rendered / ".mmcompose").iterdir():
        place.unlink()
    (rendered / ".mmcompose").rmdir()
    (rendered / ".mmcompose").symlink_to(tmp_path)
    assert mmcompose(rendered, "render").code == 4
    assert outputs(rendered) == before
