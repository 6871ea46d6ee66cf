"""Killed at any moment, or run twice at once: old files or new ones, never half ones, and the next render goes on."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from tests.disk import CHAT, PROGRAM, mmcompose, outputs, project
from tests.making import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable


def killed(folder: Path, at: int, *, before: bool = True) -> int:
    """Render in a process that ends, as a kill ends it, at the n-th step that changes the disk; 9 if there was one.

    It ends before the step, or right after it, or in the middle of writing bytes. No such step: their number.
    """
    child = os.fork()
    if child == 0:
        try:
            os._exit(_render_until(folder, at, before))
        except BaseException:
            traceback.print_exc()
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _render_until(folder: Path, at: int, before: bool) -> int:
    """Only ever in a child: it breaks the process that it runs in."""
    steps = itertools.count(1)
    taken = 0

    def fatal(step: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            nonlocal taken
            taken = mine = next(steps)
            if mine == at and before:
                os._exit(9)
            result = step(*arguments, **named)
            if mine == at:
                os._exit(9)
            return result

        return counted

    def half(handle: int, data: memoryview) -> int:
        nonlocal taken
        taken = next(steps)
        if taken == at:
            whole(handle, data[: len(data) // 2])
            os._exit(9)
        return whole(handle, data)

    whole = os.write
    for name, deadly in (("write", half), ("replace", fatal(os.replace)), ("unlink", fatal(os.unlink))):
        patch.object(os, name, deadly).start()
    assert mmcompose(folder, "render").code == 0
    return taken


CHANGED = CHAT + "args: {ctx_size: 1024}\n"


def changed(folder: Path) -> Path:
    """A rendered project of which one profile has changed, one is new and one has gone."""
    project(folder, {"aa": CHAT, "bb": CHAT})
    assert mmcompose(folder, "render").code == 0
    (folder / "profiles/bb.yaml").unlink()
    return project(folder, {"aa": CHANGED, "cc": CHAT})


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many steps that change the disk such a render takes."""
    folder = changed(tmp_path_factory.mktemp("steps"))
    counted = killed(folder, 0)
    assert counted > 10
    return counted


def whole_files(folder: Path) -> dict[str, bytes]:
    """What a reader may meet: everything but the files that are still being written."""
    return {path: data for path, data in outputs(folder).items() if not path.endswith((".mmcompose-new", "-intent"))}


@pytest.mark.parametrize("before", [True, pytest.param(False, marks=pytest.mark.heavy)], ids=["before", "after"])
def test_a_render_killed_at_any_step_leaves_whole_files_and_the_next_one_finishes(
    tmp_path: Path, steps: int, before: bool
) -> None:
    start = changed(tmp_path / "start")
    new_folder = Path(shutil.copytree(start, tmp_path / "new"))
    old = outputs(start)
    assert mmcompose(new_folder, "render").code == 0
    new = outputs(new_folder)
    for at in range(1, steps + 1, 1 if before else 3):
        folder = Path(shutil.copytree(start, tmp_path / f"at-{at}"))
        assert killed(folder, at, before=before) == 9
        for path, data in whole_files(folder).items():
            assert data in (old.get(path), new.get(path)), f"{path} at step {at}"
        answer = mmcompose(folder, "render")
        assert answer.code == 0, f"step {at}: {answer.err}"
        assert outputs(folder) == new, f"step {at}"


def test_a_first_render_that_is_killed_does_not_call_its_own_files_foreign(tmp_path: Path) -> None:
    for at in (3, 6, 9):
        folder = project(tmp_path / str(at), {"aa": CHAT, "bb": CHAT})
        assert killed(folder, at) == 9
        assert mmcompose(folder, "render").code == 0


def test_two_renders_killed_one_after_the_other_still_know_their_files(tmp_path: Path, steps: int) -> None:
    folder = changed(tmp_path)
    assert killed(folder, steps - 3) == 9
    project(folder, {"aa": CHAT + "args: {ctx_size: 2048}\n"})
    assert killed(folder, 3) == 9
    project(folder, {"aa": CHAT + "args: {ctx_size: 4096}\n"})
    answer = mmcompose(folder, "render")
    assert answer.code == 0, answer.err
    assert b'"4096"' in outputs(folder)["compose/aa.yaml"]


def test_renders_at_once_wait_for_one_another(tmp_path: Path) -> None:
    folder = changed(tmp_path)
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    running = [
        subprocess.Popen([*PROGRAM, "render"], cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    answers = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0, 0], answers
    assert answers.count("up to date\n") == 3
    assert not [path for path in outputs(folder) if "mmcompose-new" in path]
    assert mmcompose(folder, "render", "--check").code == 0


def test_a_half_written_list_of_intents_is_no_list(tmp_path: Path) -> None:
    folder = changed(tmp_path)
    for junk in (b"", b"{", b"[]", b"null", b'{"compose/aa.yaml": 5}', b"\xff", b"[" * 100_000):
        (folder / "compose/.mmcompose-intent").write_bytes(junk)
        assert mmcompose(folder, "render", "--diff").code == 0
    assert mmcompose(folder, "render").code == 0
    assert not (folder / "compose/.mmcompose-intent").exists()


def test_a_list_of_intents_never_removes_what_is_not_under_compose(tmp_path: Path) -> None:
    folder = changed(tmp_path)
    mine = folder / "mine.txt"
    mine.write_text("mine\n", encoding="utf-8")
    known = "5c83bd27ae0ae2a2dd2e9ab3f5f3a6e2"
    (folder / "compose/.mmcompose-intent").write_text(
        f'{{"mine.txt": ["{known}"], "compose/../mine.txt": ["{known}"]}}'
    )
    assert mmcompose(folder, "render", "--force").code == 0
    assert mine.exists()
