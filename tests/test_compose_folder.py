"""The committed compose/ is what a render of the committed profiles gives, byte for byte."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.disk import mmcompose, outputs
from tests.making import ROOT

if TYPE_CHECKING:
    from pathlib import Path

LOCK = "compose/mmcompose.lock"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A render into an empty folder that remembers the committed seats."""
    folder: Path = tmp_path_factory.mktemp("fresh")
    for name in ("profiles", "templates"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "mmcompose.yaml", folder)
    (folder / "compose").mkdir()
    lock = json.loads((ROOT / LOCK).read_text(encoding="utf-8"))
    (folder / LOCK).write_text(json.dumps({**lock, "outputs": {}, "inputs": {}}), encoding="utf-8")
    answer = mmcompose(folder, "render")
    assert answer.code == 0, answer.err
    return outputs(folder)


def test_every_artifact_is_up_to_date(fresh: dict[str, bytes]) -> None:
    committed = outputs(ROOT)
    different = [path for path in fresh if path != LOCK and committed.get(path) != fresh[path]]
    assert different == [], "run `mmcompose render` and commit the result"


def test_nothing_is_left_of_profiles_that_are_gone(fresh: dict[str, bytes]) -> None:
    assert set(outputs(ROOT)) - set(fresh) == set()


def test_the_lock_holds_what_it_says(fresh: dict[str, bytes]) -> None:
    """All but the hash of the compiler, which every change of its sources changes."""

    def stable(data: bytes) -> Any:
        lock = json.loads(data)
        return {name: lock[name] for name in ("until", "outputs", "seats")}

    assert stable((ROOT / LOCK).read_bytes()) == stable(fresh[LOCK])
