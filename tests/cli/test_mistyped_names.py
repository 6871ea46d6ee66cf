"""A mistyped name is refused first and alone, with what may be written instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.deploy.docker import engine
from tests.disk import CHAT, mmcompose, program, project

if TYPE_CHECKING:
    from pathlib import Path


class Empty:
    """A Docker on which nothing runs."""

    def __getattr__(self, _: str) -> Any:
        return lambda *_, **__: []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project in which another profile than the typed one has a problem."""
    return project(tmp_path, {"chat": CHAT, "ocr-cpu": "backend: rapidocr\nhost: cpu\ndescriptn: x\n"})


@pytest.mark.parametrize(
    "command",
    ["up", "pull", "switch", "test", "explain", "upgrade", "restart", "validate", "doctor", "bench run", "bench vram"],
)
def test_an_unknown_profile_is_refused_before_the_problems_of_others(folder: Path, command: str) -> None:
    answer = program(folder, *command.split(), "chatt")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error: no profile ")
    assert "did you mean chat?" in answer.err
    assert "descriptn" not in answer.err


@pytest.mark.parametrize("name", ["ocr-cpu", "pp-ocrv6-small"])
def test_a_broken_profile_is_reported_with_its_own_problems(folder: Path, name: str) -> None:
    (folder / "profiles/ocr-cpu.yaml").write_text("backend: rapidocr\nserved_name: pp-ocrv6-small\ndescriptn: x\n")
    answer = mmcompose(folder, "up", name)
    assert (answer.code, "descriptn: is not a known key" in answer.err) == (2, True)


def test_a_profile_that_cannot_be_resolved_is_explained_by_its_own_problems_alone(folder: Path) -> None:
    (folder / "profiles/other.yaml").write_text("modle: x\n")
    answer = mmcompose(folder, "explain", "ocr-cpu")
    assert "descriptn" in answer.err
    assert "modle" not in answer.err


@pytest.mark.parametrize(("name", "code", "text"), [
    ("chatt", 2, "no profile 'chatt' (did you mean chat?)"),
    ("chat", 1, "chat has no container"),
])  # fmt: skip
def test_the_log_of_no_profile(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: int, text: str) -> None:
    monkeypatch.setattr(engine, "DockerEngine", Empty)
    answer = mmcompose(folder, "logs", name)
    assert (answer.code, text in answer.err) == (code, True)


def test_an_unknown_kind_of_benchmark_is_refused_by_its_name(tmp_path: Path) -> None:
    project(tmp_path, {"chat": CHAT})
    assert mmcompose(tmp_path, "render").code == 0
    answer = program(tmp_path, "bench", "run", "chat", "lod")
    assert (answer.code, answer.err) == (2, "error: no benchmark 'lod' (did you mean load?)\n")


def test_a_family_without_a_profile_of_its_name_leads_to_the_ones_that_it_has(tmp_path: Path) -> None:
    project(tmp_path, {"ocr-cpu": "backend: rapidocr\nhost: cpu\n"})
    assert mmcompose(tmp_path, "render").code == 0
    answer = program(tmp_path, "ocr")
    assert (answer.code, answer.err.splitlines()[-1]) == (2, "next: mmcompose switch ocr-cpu")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("list profile", "'profile' is not one of profiles, hosts, backends, models (did you mean profiles?)"),
        ("schema profil", "(did you mean profile?)"),
        ("completion basch", "'basch' is not one of bash, zsh, fish (did you mean bash?)"),
        ("list --format jsn", "--format 'jsn' is not one of text, json (did you mean json?)"),
        ("schema zzz", "service\n"),
    ],
)
def test_a_value_out_of_a_few(tmp_path: Path, line: str, text: str) -> None:
    answer = program(tmp_path, *line.split())
    assert (answer.code, answer.err.endswith(text if text[-1] == "\n" else f"{text}\n")) == (2, True), answer.err


@pytest.mark.parametrize(
    ("typed", "hint"), [("ctx", "ctx_size"), ("top", "top_k or top_p"), ("flash", "flash_attn"), ("thread", "threads")]
)
def test_the_first_part_of_a_flag_leads_to_the_shortest_flag_with_it(tmp_path: Path, typed: str, hint: str) -> None:
    project(tmp_path, {"chat": f"{CHAT}args: {{{typed}: 3}}\n"})
    assert f"(did you mean {hint}?)" in mmcompose(tmp_path, "validate").err
