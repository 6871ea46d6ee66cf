"""A project of an earlier release: read, told what would change and who wrote it, rendered, and its seats kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.disk import mmcompose, outputs

if TYPE_CHECKING:
    from pathlib import Path

LOCK = "compose/mmcompose.lock"
MARK = "# kept by us: the template of llama.cpp that this project replaces"


def seats(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / LOCK).read_text(encoding="utf-8"))["seats"]
    return found


def test_it_is_read_without_any_problem(old: Path) -> None:
    answer = mmcompose(old, "validate")
    assert answer.code == 0, answer.err


def test_a_check_says_what_a_render_would_change_and_who_wrote_it(old: Path) -> None:
    before = outputs(old)
    answer = mmcompose(old, "render", "--check")
    assert answer.code == 1
    assert "this mmcompose writes it differently" in answer.err
    assert "the compose files were written by " in answer.err
    assert "mmcompose 0.1.0" in answer.err
    assert "review the difference" in answer.err
    assert "edited by hand" not in answer.err
    assert outputs(old) == before


def test_what_starts_containers_says_so_too(old: Path) -> None:
    answer = mmcompose(old, "up", "desk")
    assert answer.code == 1
    assert "the compose files were written by " in answer.err


def test_a_render_goes_through_and_takes_no_file_for_somebody_else_s(old: Path) -> None:
    before = seats(old)
    answer = mmcompose(old, "render")
    assert answer.code == 0, answer.err
    assert "overwritten" not in answer.err
    assert "moves from" not in answer.err
    assert mmcompose(old, "render", "--check").code == 0
    assert {name: seats(old)[name] for name in before} == before


def test_its_seats_are_not_those_that_a_fresh_placement_would_give(old: Path) -> None:
    """Otherwise it would show nothing that they are kept."""
    remembered = seats(old)
    (old / LOCK).unlink()
    assert mmcompose(old, "render").code == 0
    assert {name: seats(old)[name] for name in remembered} != remembered


def test_the_template_that_it_replaces_is_used_from_its_old_place(old: Path) -> None:
    assert mmcompose(old, "render").code == 0
    written = outputs(old)
    assert {
        name for name in ("chat", "chat-cpu", "workbench-llama") if MARK.encode() in written[f"compose/{name}.yaml"]
    }
    (old / "templates/llamacpp/service.yaml.j2").unlink()
    assert mmcompose(old, "render").code == 0
    assert not [path for path, data in outputs(old).items() if MARK.encode() in data]


def test_its_own_backend_and_profiles_are_resolved_as_before(old: Path) -> None:
    lines = mmcompose(old, "explain", "desk", "ports.api").out
    assert "ports.api = auto" in lines
    assert "sits at port 18470 of here" in lines
    assert mmcompose(old, "explain", "zeta", "gpu").code == 0


def test_what_it_measured_is_still_listed_shown_and_reported(old: Path) -> None:
    listed = mmcompose(old, "bench", "list")
    assert listed.code == 0
    runs = [line.split()[0] for line in listed.out.splitlines() if " sanity " in line]
    assert runs
    for run in runs:
        shown = mmcompose(old, "bench", "show", run)
        assert shown.code == 0, shown.err
        assert "desk" in shown.out + shown.err
        assert mmcompose(old, "bench", "report", run).code == 0


def test_its_short_commands_are_there_although_it_declares_none(old: Path) -> None:
    assert "short_names" not in (old / "mmcompose.yaml").read_text(encoding="utf-8")
    for name in ("ocr", "sam3"):
        assert f"  {name} " in mmcompose(old, "--help").out
        assert f"Usage: main {name}" in mmcompose(old, name, "--help").out
