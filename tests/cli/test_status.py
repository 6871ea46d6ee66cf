"""`mmcompose status`: how each profile is reached, what it uses, and which image each of its services runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mmcompose.cli.lifecycle import status as command
from mmcompose.cli.printing import table as tables
from mmcompose.deploy.docker import memory
from mmcompose.deploy.docker.observe import deployments
from mmcompose.deploy.status import ProfileStatus, row
from mmcompose.model.failure import Failure
from tests.deploy.containers import container
from tests.making import compilation

BOX = {"profiles/hosts/box.yaml": "machine: {accelerator: cpu, memory: 64g, cores: 4, uid: 1000, gid: 1000}\n"}
CHAT = "model: qwen-small\nhost: box\nbackend: llamacpp\nserved_name: small\nresources: {memory: 1g}\n"


class Known:
    """An engine whose images have a digest of their own each."""

    def image(self, reference: str) -> dict[str, Any]:
        return {"RepoDigests": [f"x@sha256:{reference * 12}"]}


def shown(one: ProfileStatus) -> dict[str, str]:
    return dict(zip(command._HEADERS, command._cells(one, "mm"), strict=True))


def test_profiles_may_be_named() -> None:
    made = compilation({"profiles/chat.yaml": f"{CHAT}also_called: [talk]\n", "profiles/more.yaml": CHAT, **BOX})
    rows = [
        ProfileStatus("chat", "mm", "ready"),
        ProfileStatus("more", "mm", "down"),
        ProfileStatus("gone", "mm", "run"),
        ProfileStatus("chat", "x", "ready"),
    ]

    def named(*arguments: str) -> list[tuple[str, str]]:
        return [(row.project, row.profile) for row in command._named(rows, "mm", arguments, made)]

    assert named("chat") == named("talk") == [("mm", "chat")]
    assert named("gone", "more") == [("mm", "more"), ("mm", "gone")]
    with pytest.raises(Failure, match="no profile 'chad' \\(did you mean chat"):
        named("chat", "chad")


def test_each_image_is_shown_with_its_own_digest() -> None:
    two = [
        container(id="1", service="ocr", image="vllm/vllm-openai:v0.24.0", image_id="1"),
        container(id="2", service="chat", image="example/llama:b9603", image_id="2"),
        container(id="3", service="more", image="example/llama:b9603", image_id="2"),
    ]
    found = row(Known(), Path(), deployments(two)[0], None, {})  # type: ignore[arg-type]
    assert [(one["name"], one["digest"][:9]) for one in found.data()["images"]] == [
        ("vllm/vllm-openai:v0.24.0", "sha256:11"),
        ("example/llama:b9603", "sha256:22"),
    ]
    images = "vllm/vllm-openai:v0.24.0@sha256:111111111111, example/llama:b9603@sha256:222222222222"
    assert shown(found)["IMAGE"] == images


def test_what_a_client_needs_is_shown_and_what_the_container_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = compilation({"profiles/chat.yaml": CHAT, **BOX}).stack
    assert stack is not None
    ports, labels = {8080: ("127.0.0.1", 9)}, {"project": stack.project.name, "profile": "chat", "service": "chat"}
    one = container(ports=ports, pid=7, memory_limit=1 << 30, gpus=("0",), **labels)
    monkeypatch.setattr(memory, "used", lambda _: 300 << 20)
    found = row(Known(), tmp_path, deployments([one])[0], stack, {})  # type: ignore[arg-type]
    cells = shown(found)
    assert (cells["MODEL"], cells["URL"]) == ("small", "http://127.0.0.1:9/v1")
    assert (cells["MEMORY"], cells["GPU"]) == ("0.3/1 GiB", "#0")
    assert cells["AGE"].endswith((" d", " h", " min", " s"))
    reported = found.data()
    assert (reported["since"], reported["memory"], reported["memory_limit"]) == (
        "2026-11-20T05:52:19Z",
        300 << 20,
        1 << 30,
    )
    assert (reported["urls"], reported["models"]) == (("http://127.0.0.1:9/v1",), ("small",))


def test_memory_that_cannot_be_read_is_blank(tmp_path: Path) -> None:
    found = row(Known(), tmp_path, deployments([container(pid=7)])[0], None, {})  # type: ignore[arg-type]
    assert (shown(found)["MEMORY"], found.memory) == ("", None)
    assert shown(ProfileStatus("chat", "mm", "ready", memory=3 << 20))["MEMORY"] == "3 MiB"


def test_at_eighty_columns_all_that_a_client_needs_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    up = ProfileStatus(
        "chat-cpu",
        "mm",
        "ready",
        gpus=("0",),
        since="2026-11-20T05:52:19Z",
        started_by="mmcompose",
        models=("qwen-small",),
        urls=("http://127.0.0.1:8101/v1",),
        memory=800 << 20,
        memory_limit=20 << 30,
    )
    rows = [ProfileStatus("workbench-ik-llama", "mm", "down"), up]
    monkeypatch.setattr(tables, "width", lambda: 80)
    lines = command._table(command._Seen("mm", rows, [], 0)).splitlines()
    assert lines[0].split() == ["PROFILE", "PHASE", "MODEL", "URL", "MEMORY", "AGE", "…"]
    assert max(map(len, lines)) <= 80
    assert "127.0.0.1:8101/v1" in lines[2]
    assert "0.8/20 GiB" in lines[2]
