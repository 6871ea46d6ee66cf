"""`mmcompose init`: a project of one's own that renders at once and that an editor understands."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mmcompose.files.gather import shipped
from tests.disk import mmcompose, outputs
from tests.making import ROOT


def test_a_new_project_renders_what_this_repository_has_committed(tmp_path: Path) -> None:
    answer = mmcompose(tmp_path, "init", "mm")
    assert answer.code == 0, answer.err
    demo = tmp_path / "mm"
    assert answer.err.endswith(f"next: cd {demo} && mmcompose render\n")
    assert mmcompose(demo, "render").code == 0
    made, committed = outputs(demo), outputs(ROOT)
    profiles = [path for path in made if path.endswith(".yaml")]
    assert len(profiles) > 10
    assert [path for path in profiles if made[path] != committed.get(path)] == []


def test_the_next_step_works_in_a_shell_that_does_not_know_mmcompose(tmp_path: Path) -> None:
    mmcompose_here = Path(sys.executable).with_name("mmcompose")
    clean = {"PATH": "/usr/bin:/bin", "XDG_STATE_HOME": str(tmp_path / "state")}
    begun = subprocess.run(
        [mmcompose_here, "init", "a folder", "--profile", "chat-cpu"],
        cwd=tmp_path, env=clean, check=True, capture_output=True, text=True,
    )  # fmt: skip
    step = begun.stderr.splitlines()[-1].removeprefix("next: ")
    subprocess.run(["sh", "-c", step], cwd=tmp_path, env=clean, check=True)
    assert (tmp_path / "a folder/compose/chat-cpu.yaml").exists()


def test_git_is_given_no_weights(tmp_path: Path) -> None:
    assert mmcompose(tmp_path, "init", ".", "--profile", "chat-cpu").code == 0
    (tmp_path / "models").mkdir()
    (tmp_path / "models/small.gguf").write_bytes(b"GGUF")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    requested = ["git", "status", "--porcelain", "--untracked-files=all"]
    untracked = subprocess.run(requested, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert "profiles/models" not in untracked
    assert "small.gguf" not in untracked
    assert "profiles/chat-cpu.yaml" in untracked


def test_one_profile_brings_what_it_extends_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped_here = tmp_path / "shipped"
    shutil.copytree(ROOT / "profiles", shipped_here / "profiles")
    shutil.copy(ROOT / "mmcompose.yaml", shipped_here)
    (shipped_here / "profiles/chat-small.yaml").write_text("extends: chat-cpu\nargs: {ctx_size: 512}\n")
    monkeypatch.setattr(shipped, "root", lambda: shipped_here)
    answer = mmcompose(tmp_path, "init", "job", "--profile", "chat-small")
    assert answer.code == 0
    assert answer.err.startswith("chat-cpu comes too, for chat-small extends it\n")
    written = sorted(path.name for path in (tmp_path / "job/profiles").glob("*.yaml"))
    assert written == ["chat-cpu.yaml", "chat-small.yaml"]


def test_a_project_names_its_machine_once(tmp_path: Path) -> None:
    assert mmcompose(tmp_path, "init", ".", "--profile", "workbench-vllm", "--profile", "workbench-llama").code == 0
    assert "\nhost: gpu-8x\n" in (tmp_path / "mmcompose.yaml").read_text()
    for path in (tmp_path / "profiles").glob("*.yaml"):
        assert "\nhost:" not in path.read_text(), path
    assert mmcompose(tmp_path, "render").code == 0


def test_profiles_for_several_machines_name_those_that_are_not_the_projects(tmp_path: Path) -> None:
    assert mmcompose(tmp_path, "init", ".", "--profile", "ocr", "--profile", "ocr-cpu").code == 0
    assert "\nhost: gpu-12gb\n" in (tmp_path / "mmcompose.yaml").read_text()
    assert "\nhost:" not in (tmp_path / "profiles/ocr.yaml").read_text()
    assert "\nhost: cpu\n" in (tmp_path / "profiles/ocr-cpu.yaml").read_text()


def test_every_file_names_a_schema_that_is_there(tmp_path: Path) -> None:
    mmcompose(tmp_path, "init", ".")
    for path in [tmp_path / "mmcompose.yaml", *(tmp_path / "profiles").glob("*.yaml")]:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        schema = path.parent / first.removeprefix("# yaml-language-server: $schema=")
        assert json.loads(schema.read_text(encoding="utf-8"))["$schema"].startswith("http://json-schema.org/draft-07")


def test_files_that_are_there_are_left_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/ocr.yaml").write_text("model: mine\n", encoding="utf-8")
    (tmp_path / ".gitignore").write_text("mine\n", encoding="utf-8")
    answer = mmcompose(tmp_path, "init")
    assert answer.code == 0
    assert "kept profiles/ocr.yaml, which was there" in answer.err
    assert (tmp_path / "profiles/ocr.yaml").read_text(encoding="utf-8") == "model: mine\n"
    assert (tmp_path / ".gitignore").read_text(encoding="utf-8") == "mine\n"


def test_a_project_is_not_begun_twice(tmp_path: Path) -> None:
    assert mmcompose(tmp_path, "init").code == 0
    answer = mmcompose(tmp_path, "init")
    assert answer.code == 1
    assert "mmcompose.yaml exists: this is a project already; --profile NAME adds" in answer.err


def test_a_shipped_profile_is_added_later_and_nothing_else_is_touched(tmp_path: Path) -> None:
    assert mmcompose(tmp_path, "init", "--profile", "ocr-cpu").code == 0
    settings = (tmp_path / "mmcompose.yaml").read_text(encoding="utf-8")
    assert mmcompose(tmp_path, "init", "--profile", "chat-cpu").code == 0
    assert (tmp_path / "profiles/chat-cpu.yaml").exists()
    assert (tmp_path / "mmcompose.yaml").read_text(encoding="utf-8") == settings


@pytest.mark.parametrize(
    ("folder", "name"), [("My_Models", "my-models"), ("9x", "mm-9x"), ("é", "mm")], ids=["a name", "a digit", "none"]
)
def test_a_project_is_called_like_its_folder_and_is_for_the_host_of_its_profiles(
    tmp_path: Path, folder: str, name: str
) -> None:
    """Two of one name on one machine would take each other's containers."""
    assert mmcompose(tmp_path, "init", folder, "--profile", "chat-cpu", "--profile", "ocr-cpu").code == 0
    settings = (tmp_path / folder / "mmcompose.yaml").read_text(encoding="utf-8")
    assert f"\nname: {name}\n" in settings
    assert "\nhost: cpu\n" in settings


def test_an_unknown_profile_is_met_with_the_near_one(tmp_path: Path) -> None:
    answer = mmcompose(tmp_path, "init", "demo", "--profile", "chat-cpi")
    assert answer == (2, "", "error: no shipped profile 'chat-cpi' (did you mean chat-cpu?)\n")
    assert not (tmp_path / "demo/mmcompose.yaml").exists()


def test_a_place_that_is_a_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("mine\n", encoding="utf-8")
    answer = mmcompose(tmp_path, "init", "demo")
    assert answer.code == 4
    assert answer.err.startswith("error: ")
    assert (tmp_path / "demo").read_text(encoding="utf-8") == "mine\n"
