"""The file of models: what is rendered is understood, and what is wrong is said in one line."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from zoo_service import entries, worker
from zoo_service.loaders import Framework

from tests.services.conftest import SERVICES

if TYPE_CHECKING:
    from collections.abc import Mapping

RENDERED = SERVICES.parent / "compose/config/vision-zoo/vision-zoo/models.json"
NAMES = ["rtdetr_v2", "clip_vit_l14", "florence2_base", "depth_anything_v2", "yolov8_pose", "clothing_classifier"]

WRONG = [
    ("", "not JSON"),
    ("{", "not JSON"),
    ("[" * 100_000, "not JSON"),
    ("[]", "expected models by name"),
    ("{}", "expected models by name"),
    ('{"a": 1}', "a: expected loader, source and more by name"),
    ('{"a": {"loader": "AutoModel"}}', "a: source missing"),
    ('{"a": {}}', "a: loader and source missing"),
    ('{"a": {"loader": "AutoModel", "source": "s", "size": "4"}}', "a: there is no 'size'; known: category, dtype"),
    ('{"a": {"loader": "AutoModel", "source": 7}}', "a.source: expected text, not 7"),
]


def test_the_rendered_file_is_understood() -> None:
    found = entries.read(str(RENDERED))
    assert list(found) == NAMES
    assert found["clip_vit_l14"].dtype == "float16"


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_a_wrong_file_is_refused_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "models.json"
    file.write_text(text)
    with pytest.raises(entries.BadFile) as refused:
        entries.read(str(file))
    assert str(refused.value).startswith(f"{file}: {message}")


def test_a_service_without_its_file_ends_with_one_line() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "zoo_service", "--models", "/not/there.json"],
        cwd=SERVICES / "zoo/app",
        env={**os.environ, "PYTHONPATH": str(SERVICES / "kit")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (1, "zoo_service: /not/there.json: No such file or directory\n")


class Recorded:
    """A class of transformers, or ultralytics' YOLO: keeps what it is asked."""

    def __init__(self, *calls: Any) -> None:
        self.calls = list(calls)

    @classmethod
    def from_pretrained(cls, source: str, **wishes: Any) -> Recorded:
        return cls(source, wishes)

    def to(self, device: str) -> Recorded:
        self.calls.append(device)
        return self

    def eval(self) -> Recorded:
        self.calls.append("eval")
        return self


@pytest.fixture
def _libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Doubles of the libraries, on a machine without a GPU."""
    torch = SimpleNamespace(__version__="2", float16="half", cuda=SimpleNamespace(is_available=lambda: False))
    doubles: Mapping[str, Any] = {
        "torch": torch,
        "transformers": SimpleNamespace(__version__="5", CLIPModel=Recorded),
        "ultralytics": SimpleNamespace(__version__="8", YOLO=Recorded),
    }
    for name, double in doubles.items():
        monkeypatch.setitem(sys.modules, name, double)


def loaded(**fields: Any) -> list[Any]:
    model = Framework(entries.Entry("m", **fields)).load()
    return list(model.calls)


@pytest.mark.usefixtures("_libraries")
def test_transformers_loads_the_repository_and_never_its_code() -> None:
    assert loaded(loader="CLIPModel", source="a/b") == ["a/b", {"trust_remote_code": False}, "cpu", "eval"]
    wishes = {"trust_remote_code": False, "dtype": "half", "revision": "r"}
    assert loaded(loader="CLIPModel", source="a/b", dtype="float16", revision="r") == ["a/b", wishes, "cpu", "eval"]


@pytest.mark.usefixtures("_libraries")
def test_ultralytics_is_given_the_file() -> None:
    assert loaded(loader="ultralytics", source="/w/n.pt") == ["/w/n.pt", "cpu"]


@pytest.mark.usefixtures("_libraries")
def test_without_a_gpu_the_allocator_tells_nothing() -> None:
    framework = Framework(entries.Entry("m", "CLIPModel", "a/b"))
    assert framework.memory() == {"allocated_mib": None, "reserved_mib": None, "peak_mib": None}
    assert framework.versions == {"torch": "2", "transformers": "5"}


@pytest.mark.usefixtures("_libraries")
def test_a_class_that_the_library_lacks_is_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    del capsys
    answers = io.StringIO()
    order = json.dumps({"name": "m", "loader": "AutoLion", "source": "s"})
    worker.work(io.StringIO(order + "\nload\n"), answers, Framework)
    [answer] = [json.loads(line) for line in answers.getvalue().splitlines()]
    assert answer["state"] == "failed"
    assert "AttributeError" in answer["error"]
    assert "AutoLion" in answer["error"]
