"""The words of `bench vram` where nothing is started."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mmcompose.files.write.render import render
from tests.disk import mmcompose
from tests.making import ROOT

if TYPE_CHECKING:
    from tests.disk import Answer


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "profiles", folder / "profiles")
    shutil.copy(ROOT / "mmcompose.yaml", folder)
    assert not render(folder).failed
    return folder


CASES = [
    (("bench", "vram", "vision-zo"), 2, "or serves it (did you mean vision-zoo?)"),
    (("bench", "run", "vision-zoo"), 2, "vram is measured from outside"),
    (("bench", "run", "chat", "vram"), 2, "bench vram chat"),
]


@pytest.mark.parametrize(
    ("arguments", "code", "printed"), CASES, ids=lambda value: " ".join(value) if isinstance(value, tuple) else None
)
def test_what_cannot_be_measured_is_reported_before_anything_is_started(
    project: Path, arguments: tuple[str, ...], code: int, printed: str
) -> None:
    answer: Answer = mmcompose(project, *arguments)
    assert answer.code == code
    assert printed in answer.err


def test_files_that_are_out_of_date_are_refused(project: Path) -> None:
    profile = project / "profiles/chat.yaml"
    before = profile.read_text()
    profile.write_text(before + "\nserved_name: another\n")
    try:
        answer = mmcompose(project, "bench", "vram", "chat")
    finally:
        profile.write_text(before)
    assert (answer.code, "out of date" in answer.err) == (1, True)
