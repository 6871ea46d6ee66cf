"""Writing: only what changed, never over somebody's edits, and whole files or none."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.disk import CHAT, mmcompose, outputs, program, project
from tests.making import SETTINGS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def rendered(tmp_path: Path) -> Path:
    """Two profiles, rendered."""
    folder = project(tmp_path, {"aa": CHAT, "bb": CHAT})
    answer = mmcompose(folder, "render")
    assert answer.code == 0, answer.err
    return folder


def times(folder: Path) -> dict[str, int]:
    return {path: (folder / path).stat().st_mtime_ns for path in outputs(folder)}


def backdate(folder: Path) -> dict[str, int]:
    """Every output looks old, so that a second writing shows."""
    for path in outputs(folder):
        os.utime(folder / path, ns=(10**9, 10**9))
    return times(folder)


def append(place: Path, text: str) -> None:
    place.write_text(place.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_a_first_render_creates_every_file_and_says_so(tmp_path: Path) -> None:
    folder = project(tmp_path, {"aa": CHAT})
    answer = mmcompose(folder, "render")
    created = ["compose.yaml", "compose/aa.yaml", "compose/profiles/aa.yaml"]
    assert (answer.code, answer.out) == (0, "")
    assert [line for line in answer.err.splitlines() if "/build/" not in line] == [
        f"created {path}" for path in created
    ]
    assert {path for path in outputs(folder) if "/build/" not in path} == {
        "compose.yaml",
        "compose/aa.yaml",
        "compose/profiles/aa.yaml",
        "compose/mmcompose.lock",
    }


@pytest.mark.parametrize("arguments", [(), ("--no-short-cut",)])
def test_a_second_render_touches_nothing(rendered: Path, arguments: tuple[str, ...]) -> None:
    before = backdate(rendered)
    assert mmcompose(rendered, "render", *arguments) == (0, "", "up to date\n")
    assert times(rendered) == before


def test_a_changed_profile_updates_only_its_own_files_and_the_lock(rendered: Path) -> None:
    before = backdate(rendered)
    append(rendered / "profiles/aa.yaml", "args: {ctx_size: 1024}\n")
    assert mmcompose(rendered, "render").err == "updated compose/aa.yaml\n"
    changed = {path for path, time in times(rendered).items() if time != before[path]}
    assert changed == {"compose/aa.yaml", "compose/mmcompose.lock"}


def test_a_remark_in_a_profile_changes_only_the_lock(rendered: Path) -> None:
    before = backdate(rendered)
    append(rendered / "profiles/aa.yaml", "# a remark\n")
    assert mmcompose(rendered, "render").err == "up to date\n"
    assert {path for path, time in times(rendered).items() if time != before[path]} == {"compose/mmcompose.lock"}


def test_what_is_rendered_in_steps_is_what_is_rendered_at_once(rendered: Path, tmp_path: Path) -> None:
    append(rendered / "profiles/aa.yaml", "args: {ctx_size: 1024}\n")
    mmcompose(rendered, "render")
    project(rendered, {"cc": "extends: aa\nargs: {parallel: 2}\n"})
    mmcompose(rendered, "render")
    append(rendered / "profiles/aa.yaml", "env: {A: b}\n")
    (rendered / "profiles/bb.yaml").unlink()
    mmcompose(rendered, "render")
    in_steps = outputs(rendered)
    assert b'"A": "b"' in in_steps["compose/cc.yaml"]
    for path in in_steps:
        if path != "compose/mmcompose.lock":
            (rendered / path).unlink()
    mmcompose(rendered, "render", "--no-short-cut")
    assert outputs(rendered) == in_steps


def test_a_missing_output_is_written_again(rendered: Path) -> None:
    whole = outputs(rendered)
    (rendered / "compose/aa.yaml").unlink()
    assert mmcompose(rendered, "render").err == "created compose/aa.yaml\n"
    assert outputs(rendered) == whole


def test_an_edited_output_is_refused_shown_and_left_alone_until_it_is_forced(rendered: Path) -> None:
    whole = outputs(rendered)
    append(rendered / "compose/aa.yaml", "# my edit\n")
    append(rendered / "profiles/bb.yaml", "args: {ctx_size: 1024}\n")
    edited = outputs(rendered)
    answer = mmcompose(rendered, "render")
    assert answer.code == 1
    assert "\n-# my edit" in answer.out
    assert answer.err == (
        "error: compose/aa.yaml was edited by hand: nothing was written;"
        f" put the edit into a profile, or drop it with `mmcompose -C {rendered} render --force`\n"
    )
    assert outputs(rendered) == edited
    assert mmcompose(rendered, "render", "--force").code == 0
    assert outputs(rendered)["compose/aa.yaml"] == whole["compose/aa.yaml"]


@pytest.mark.parametrize("data", [b"\xff\xfe not UTF-8", b""])
def test_an_output_that_holds_anything_at_all_is_an_edit(rendered: Path, data: bytes) -> None:
    (rendered / "compose/aa.yaml").write_bytes(data)
    answer = program(rendered, "render")
    assert answer.code == 1
    assert "was edited by hand" in answer.err
    assert (rendered / "compose/aa.yaml").read_bytes() == data
    assert program(rendered, "render", "--check").code == 1
    assert program(rendered, "render", "--force").code == 0
    assert program(rendered, "render", "--check").code == 0


def test_an_output_with_other_line_ends_is_an_edit(rendered: Path) -> None:
    place = rendered / "compose/aa.yaml"
    place.write_bytes(place.read_bytes().replace(b"\n", b"\r\n"))
    assert mmcompose(rendered, "render").code == 1


def test_a_compose_file_that_mmcompose_did_not_make_is_refused(tmp_path: Path) -> None:
    folder = project(tmp_path, {"aa": CHAT, "compose.yaml": "services: {}\n"})
    answer = mmcompose(folder, "render")
    assert answer.code == 1
    assert answer.err.startswith("error: compose.yaml was not made by mmcompose: nothing was written")
    assert set(outputs(folder)) == {"compose.yaml"}
    assert mmcompose(folder, "render", "--force").code == 0
    assert b"@generated by mmcompose" in outputs(folder)["compose.yaml"]


def test_an_orphan_is_removed_and_its_empty_folder_with_it(rendered: Path) -> None:
    (rendered / "profiles/bb.yaml").unlink()
    assert mmcompose(rendered, "render").err == (
        "updated compose.yaml\nremoved compose/bb.yaml\nremoved compose/profiles/bb.yaml\n"
    )
    assert "compose/bb.yaml" not in outputs(rendered)


def test_an_edited_orphan_is_kept_until_it_is_forced(rendered: Path) -> None:
    append(rendered / "compose/bb.yaml", "# my edit\n")
    (rendered / "profiles/bb.yaml").unlink()
    answer = mmcompose(rendered, "render")
    assert answer.code == 1
    assert "compose/bb.yaml was edited by hand" in answer.err
    assert "compose/bb.yaml" in outputs(rendered)
    assert mmcompose(rendered, "render", "--force").code == 0
    assert "compose/bb.yaml" not in outputs(rendered)


def test_an_orphan_that_is_no_text_any_more_is_kept_too(rendered: Path) -> None:
    (rendered / "compose/bb.yaml").write_bytes(b"\xff")
    (rendered / "profiles/bb.yaml").unlink()
    assert program(rendered, "render").code == 1
    assert (rendered / "compose/bb.yaml").read_bytes() == b"\xff"


def test_a_file_of_somebody_else_under_compose_is_never_touched(rendered: Path) -> None:
    (rendered / "compose/notes.txt").write_text("mine\n", encoding="utf-8")
    (rendered / "profiles/bb.yaml").unlink()
    assert mmcompose(rendered, "render", "--force").code == 0
    assert (rendered / "compose/notes.txt").read_text(encoding="utf-8") == "mine\n"


def test_a_render_with_any_problem_writes_nothing(rendered: Path) -> None:
    whole = outputs(rendered)
    append(rendered / "profiles/aa.yaml", "args: {ctx_size: 1024}\n")
    append(rendered / "profiles/bb.yaml", "modle: x\n")
    answer = mmcompose(rendered, "render")
    assert answer.code == 2
    assert "profiles/bb.yaml:4:1: modle: is not a known key (did you mean model?)" in answer.err
    assert outputs(rendered) == whole


def test_check_tells_what_is_out_of_date_and_writes_nothing(rendered: Path) -> None:
    assert mmcompose(rendered, "render", "--check") == (0, "", "up to date\n")
    append(rendered / "profiles/aa.yaml", "args: {ctx_size: 1024}\n")
    whole = outputs(rendered)
    assert mmcompose(rendered, "render", "--check") == (
        1,
        "",
        "compose/aa.yaml: its sources changed\nout of date: run `mmcompose render` and commit the result\n",
    )
    assert outputs(rendered) == whole
    append(rendered / "profiles/aa.yaml", "args: {}\n")
    assert mmcompose(rendered, "render", "--check").code == 2


def test_diff_shows_every_change_and_writes_nothing(rendered: Path) -> None:
    append(rendered / "profiles/aa.yaml", "args: {ctx_size: 1024}\n")
    project(rendered, {"cc": CHAT})
    (rendered / "profiles/bb.yaml").unlink()
    whole = outputs(rendered)
    answer = mmcompose(rendered, "render", "--diff")
    assert answer.code == 0
    assert '+      - "--ctx-size"' in answer.out
    assert "--- /dev/null\n+++ b/compose/cc.yaml" in answer.out
    assert "--- a/compose/bb.yaml\n+++ /dev/null" in answer.out
    assert outputs(rendered) == whole


def test_a_check_fails_once_a_waiver_has_ended_and_a_render_does_not(tmp_path: Path) -> None:
    waiver = "security: {read_only: false}\nwaivers: [{rule: S07, reason: it writes beside, until: 2020-01-01}]\n"
    folder = project(tmp_path, {"aa": CHAT + waiver})
    assert mmcompose(folder, "render").code == 0
    assert mmcompose(folder, "render").err == "up to date\n"
    answer = mmcompose(folder, "render", "--check")
    assert answer.code == 2
    assert "the waiver of S07 ended on 2020-01-01" in answer.err


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(28, "No space left on device")])
def test_a_disk_that_takes_no_more_is_reported_and_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    folder = project(tmp_path, {"aa": CHAT})

    def refuse(handle: int, data: memoryview) -> int:
        raise error

    with monkeypatch.context() as context:
        context.setattr(os, "write", refuse)
        answer = mmcompose(folder, "render")
    assert answer.code == 4
    assert answer.err == f"error: compose/ cannot be written: {error.strerror}\n"
    assert outputs(folder) == {}
    assert mmcompose(folder, "render").code == 0


def test_a_folder_that_may_not_be_written_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project(tmp_path, {"aa": CHAT})
    opened = os.open

    def refuse(path: str, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_CREAT:
            raise PermissionError(13, "Permission denied", path)
        return opened(path, flags, mode)

    monkeypatch.setattr(os, "open", refuse)
    answer = mmcompose(folder, "render")
    assert answer == (4, "", "error: compose/ cannot be written: Permission denied\n")


def test_a_symlink_in_an_output_s_place_is_replaced_and_its_target_left_alone(rendered: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.yaml"
    target.write_text("mine\n", encoding="utf-8")
    (rendered / "compose/aa.yaml").unlink()
    (rendered / "compose/aa.yaml").symlink_to(target)
    assert mmcompose(rendered, "render").code == 1
    assert mmcompose(rendered, "render", "--force").code == 0
    assert not (rendered / "compose/aa.yaml").is_symlink()
    assert target.read_text(encoding="utf-8") == "mine\n"


def test_compose_may_be_a_symlink_to_a_folder_where_that_is_allowed(tmp_path: Path) -> None:
    allowed = f"{SETTINGS}allow_links: [{{path: compose, reason: it lies on the large disk}}]\n"
    folder = project(tmp_path / "project", {"aa": CHAT, "mmcompose.yaml": allowed})
    (tmp_path / "other").mkdir()
    (folder / "compose").symlink_to(tmp_path / "other")
    assert mmcompose(folder, "render").code == 0
    assert (tmp_path / "other/aa.yaml").exists()
    assert mmcompose(folder, "render").err == "up to date\n"


def test_a_profile_may_be_a_symlink(tmp_path: Path) -> None:
    folder = project(tmp_path / "project", {"aa": CHAT})
    (folder / "profiles/bb.yaml").symlink_to("aa.yaml")
    assert mmcompose(folder, "render").code == 0
    assert "compose/bb.yaml" in outputs(folder)
    (folder / "profiles/cc.yaml").symlink_to("nowhere.yaml")
    answer = mmcompose(folder, "render")
    assert answer.code == 2
    assert "profiles/cc.yaml:1:1: cannot be read: No such file or directory" in answer.err
