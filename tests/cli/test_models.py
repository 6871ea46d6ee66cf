"""`mmcompose models`: what it refuses before it starts anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mmcompose.deploy.models import locks, needs
from mmcompose.model.failure import Failure
from tests.disk import mmcompose, project
from tests.making import compilation

if TYPE_CHECKING:
    from pathlib import Path

CHAT = "backend: vllm\nhost: gpu-8x\nweights: {repo: org/big, format: safetensors}\nargs: {tokenizer: org/words}\n"


@pytest.fixture
def no_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")


@pytest.mark.usefixtures("no_docker")
@pytest.mark.parametrize("line", [["list"], ["fetch", "chat"], ["verify", "--all"], ["adopt", "chat"], ["prune"]])
def test_without_docker_it_says_what_to_do_about_that(tmp_path: Path, line: list[str]) -> None:
    answer = mmcompose(project(tmp_path, {"chat": CHAT}), "models", *line)
    assert answer.code == 4
    assert answer.err.startswith("error: ")
    assert "Traceback" not in answer.err


@pytest.mark.usefixtures("no_docker")
@pytest.mark.parametrize("line", [["fetch", "bad"], ["verify", "--all"]])
def test_a_profile_with_a_problem_is_no_profile_without_weights(tmp_path: Path, line: list[str]) -> None:
    answer = mmcompose(project(tmp_path, {"chat": CHAT, "bad": "model: ["}), "models", *line)
    assert answer.code == 2
    assert "profiles/bad.yaml:" in answer.err


def test_prune_leaves_everything_while_the_needs_of_a_profile_are_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mmcompose.deploy.models.store.ready", lambda *_: None)
    answer = mmcompose(project(tmp_path, {"chat": CHAT, "bad": "model: ["}), "models", "prune", "--yes")
    assert answer.code == 2
    assert "mend the problems first: prune would take what their profiles use for unused" in answer.err


def test_the_repository_of_a_tokenizer_is_in_use_too() -> None:
    assert needs.repositories(compilation({"profiles/chat.yaml": CHAT})) == {"org/big", "org/words"}


def test_a_tokenizer_is_a_need_of_its_own_so_every_verb_takes_its_options() -> None:
    found = needs.of_profiles(compilation({"profiles/chat.yaml": CHAT}))
    assert [one.repository for one in found] == ["org/big", "org/words"]
    assert found[1].options == ("--repo", "org/words")
    assert not [one for one in found if "--also" in one.options]


def test_a_lock_is_read_as_it_was_written(tmp_path: Path) -> None:
    files = {'a "b": c.gguf': {"size": 1, "sha256": "a" * 64}, "\U0001f600 ä.json": {"size": 2, "sha256": "b" * 64}}
    (tmp_path / "profiles/models").mkdir(parents=True)
    locks.write(tmp_path, "m", {"repository": "org/m", "revision": "main", "commit": "c" * 40, "files": files})
    place = locks.hashes(tmp_path, "m")
    assert place is not None
    assert json.loads(place.read_text(encoding="utf-8")) == {"commit": "c" * 40, "files": files}


@pytest.mark.parametrize("size", ["-1", "true", "'1'"])
def test_a_lock_with_a_size_that_no_file_has_is_refused(tmp_path: Path, size: str) -> None:
    (tmp_path / "profiles/models").mkdir(parents=True)
    entry = f"{{size: {size}, sha256: {'a' * 64}}}"
    (tmp_path / locks.path_of("m")).write_text(f"commit: {'c' * 40}\nfiles: {{x: {entry}}}\n", encoding="utf-8")
    with pytest.raises(Failure, match=r"files\.x must have a size and a sha256"):
        locks.hashes(tmp_path, "m")


@pytest.mark.parametrize(
    ("profile", "advice"),
    [
        (
            "model: qwen-small\nbackend: llamacpp\n",
            "qwen-small.yaml to profiles/models/qwen-small.yaml of this project",
        ),
        (CHAT, "write its weights into profiles/models/NAME.yaml, and `model: NAME` into chat"),
    ],
)
def test_lock_says_how_a_model_gets_a_file_of_its_own(tmp_path: Path, profile: str, advice: str) -> None:
    answer = mmcompose(project(tmp_path, {"chat": profile}), "models", "lock", "chat")
    assert answer.code == 2
    assert advice in answer.err


@pytest.mark.parametrize(
    ("repositories", "reason"),
    [((), "it is empty"), (("org/big", "org/words"), "a profile uses every model in it")],
)
def test_prune_says_why_there_is_nothing_to_remove(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repositories: tuple[str, ...], reason: str
) -> None:
    there = [{"repository": name, "type": "model", "bytes": 1, "fetched": []} for name in repositories]
    monkeypatch.setattr("mmcompose.deploy.models.store.ready", lambda *_: None)
    monkeypatch.setattr("mmcompose.deploy.models.store.run", lambda *_, **__: iter([{"repositories": there}]))
    answer = mmcompose(project(tmp_path, {"chat": CHAT}), "models", "prune")
    assert (answer.code, answer.err.rstrip().rpartition(": ")[2]) == (0, reason)


def test_a_lock_passes_over_a_repository_that_only_arguments_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = "backend: vllm\nhost: gpu-8x\nmodel: big\nargs: {tokenizer: org/words}\n"
    place = project(tmp_path, {"chat": chat, "models/big": "weights: {repo: org/big, format: safetensors}\n"})
    found = {"repository": "org/big", "commit": "c" * 40, "files": {}}
    monkeypatch.setattr("mmcompose.deploy.models.store.ready", lambda *_: None)
    monkeypatch.setattr("mmcompose.deploy.models.store.run", lambda *_, **__: iter([found]))
    answer = mmcompose(place, "models", "lock", "chat")
    assert answer.code == 0, answer.err
    assert "org/words is named by arguments alone, and stays at the branch main" in answer.err
    assert f"big is pinned to {'c' * 40}" in answer.err


def test_a_profile_whose_engine_fetches_needs_nothing_in_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mmcompose.deploy.models.store.ready", lambda *_: None)
    profile = CHAT.replace("format: safetensors", "format: safetensors, fetch: engine")
    answer = mmcompose(project(tmp_path, {"chat": profile}), "models", "fetch", "chat")
    assert answer.code == 2
    assert "the engine of chat fetches its weights into its own cache" in answer.err
