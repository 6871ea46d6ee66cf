"""What is kept of compiled templates: it saves time, it changes no file, and nobody else can bring it."""

from __future__ import annotations

import marshal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jinja2 import Environment

from mmcompose.files import key
from mmcompose.files.gather import compiled
from tests.disk import CHAT, mmcompose, outputs, program, project
from tests.making import ROOT

if TYPE_CHECKING:
    from types import CodeType

SOURCE = ("templates/x.yaml.j2", "a: 1\n")
CODE = compile("answer = 42", SOURCE[0], "exec")
SERVICE = "templates/llamacpp/service.yaml.j2"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state/mmcompose"


def kept(state: Path) -> list[Path]:
    return sorted((state / "templates").glob("*"))


def read(root: Path, *arguments: str) -> CodeType | None:
    return compiled.Compiled(root).code(*arguments or SOURCE)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    compiled.Compiled(tmp_path / "project").keep(CODE, *SOURCE)
    return tmp_path / "project"


def test_what_was_kept_is_found_by_the_same_text_and_by_no_other(root: Path) -> None:
    assert read(root) == CODE
    assert read(root, SOURCE[0], "a: 2\n") is None
    assert read(root, "templates/y.yaml.j2", SOURCE[1]) is None


def test_code_of_another_mmcompose_jinja_or_python_is_not_found(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_makers", lambda: ("another",))
    assert read(root) is None


def unsigned(place: Path) -> bytes:
    return marshal.dumps(compile("raise SystemExit('foreign code ran')", "x", "exec"))


def signed_by_another(place: Path) -> bytes:
    return key.signature(b"0" * key.LENGTH, unsigned(place), place.name) + unsigned(place)


def changed(place: Path) -> bytes:
    data = place.read_bytes()
    return data[:-1] + bytes([data[-1] ^ 1])


def cut_off(place: Path) -> bytes:
    return place.read_bytes()[: 2 * key.LENGTH]


@pytest.mark.parametrize("foreign", [unsigned, signed_by_another, changed, cut_off, lambda _: b""])
def test_what_this_users_key_has_not_signed_is_never_read_as_code(
    root: Path, state: Path, monkeypatch: pytest.MonkeyPatch, foreign: object
) -> None:
    assert callable(foreign)
    (place,) = kept(state)
    place.write_bytes(foreign(place))

    def never(_: bytes) -> object:
        raise AssertionError("it was read as code")

    monkeypatch.setattr(marshal, "loads", never)
    assert read(root) is None


def test_what_was_signed_for_one_text_does_not_serve_for_another(root: Path, state: Path) -> None:
    compiled.Compiled(root).keep(compile("other = 1", "x", "exec"), "another", "text")
    one, two = kept(state)
    one_bytes, two_bytes = one.read_bytes(), two.read_bytes()
    one.write_bytes(two_bytes)
    two.write_bytes(one_bytes)
    assert read(root) is None


def test_a_state_folder_inside_the_project_is_not_used(state: Path, tmp_path: Path) -> None:
    compiled.Compiled(tmp_path).keep(CODE, *SOURCE)
    assert not state.exists()


def test_where_nothing_can_be_kept_the_files_are_checked_all_the_same(tmp_path: Path) -> None:
    folder = project(tmp_path / "project", {"aa": CHAT})
    assert mmcompose(folder, "render").code == 0
    for place in ("/proc/none", str(folder)):
        assert program(folder, "render", "--check", XDG_STATE_HOME=place).code == 0


def test_a_check_compiles_no_template_that_an_earlier_run_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(tmp_path / "project", {"aa": CHAT})
    assert mmcompose(folder, "render").code == 0
    written = outputs(folder)

    def never(*_: object, **__: object) -> object:
        raise AssertionError("a template was compiled again")

    with monkeypatch.context() as patched:
        patched.setattr(Environment, "compile", never)
        assert mmcompose(folder, "render", "--check").code == 0
    assert mmcompose(folder, "render", "--no-short-cut").code == 0
    assert outputs(folder) == written


def test_a_fault_in_kept_code_is_still_reported_with_its_line(tmp_path: Path) -> None:
    folder = project(tmp_path / "project", {"aa": CHAT})
    place = folder / SERVICE
    place.parent.mkdir(parents=True)
    place.write_text("{% set x = [] %}\n{{ x.nothing }}\n" + (ROOT / SERVICE).read_text("utf-8"), encoding="utf-8")
    first, second = (mmcompose(folder, "render").err for _ in range(2))
    assert f"{SERVICE}:2:1" in first
    assert first == second


def test_old_code_makes_room(root: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_MANY", 3)
    for number in range(9):
        compiled.Compiled(root).keep(CODE, SOURCE[0], str(number))
    assert len(kept(state)) <= 4
    assert read(root, SOURCE[0], "8") == CODE
    assert kept(state)[0].stat().st_mode & 0o077 == 0
