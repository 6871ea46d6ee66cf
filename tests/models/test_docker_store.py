"""Models are fetched once into a store, from which all profiles read them: real llama.cpp, a double of the hub."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.playground import Bench
    from tests.hub import Hub

pytestmark = pytest.mark.docker


def sent(hub: Hub) -> int:
    """How often the file of the weights was sent."""
    return sum("tiny.gguf" in path and "/resolve/" in path for path in hub.paths())


def test_two_profiles_of_a_model_fetch_it_once_and_start_without_the_hub(served: Bench, hub: Hub) -> None:
    first = served.call("up", "chat")
    assert first.code == 0, first.err
    assert "chat: weights" in first.err
    before = len(hub.received)
    assert sent(hub) == 1
    hub.faults.answers += [(503, {})] * 50
    second = served.call("up", "other")
    hub.faults.answers.clear()
    assert second.code == 0, second.err
    assert len(hub.received) == before


def test_the_engine_can_only_read_the_store_and_knows_no_hub(served: Bench) -> None:
    mounts = json.loads(served.engine.docker("inspect", f"{served.name}-chat"))[0]["Mounts"]
    assert [mount["RW"] for mount in mounts if mount["Destination"] == "/store"] == [False]


def test_plain_compose_starts_from_the_root_and_from_one_file(served: Bench) -> None:
    served.right("stop-all")
    served.project.compose("--profile", "chat", "up", "--detach", "--wait")
    served.project.compose("--profile", "chat", "down")
    served.project.compose("--file", "compose/other.yaml", "up", "--detach", "--wait")
    served.project.compose("--file", "compose/other.yaml", "down")


def test_the_list_shows_what_lies_there_and_who_uses_it(served: Bench) -> None:
    served.right("models", "fetch", "--all")
    (row,) = json.loads(served.right("models", "list", "--format", "json"))["models"]
    assert (row["model"], row["profiles"]) == ("tiny", ["chat", "other"])
    assert row["here"] is not None


def test_what_an_engine_fetched_before_is_taken_from_its_cache(served: Bench, hub: Hub, tiny_gguf: Path) -> None:
    served.file("profiles/models/old.yaml", "weights: {repo: org/old-GGUF, file: old.gguf, format: gguf}\n")
    served.file("profiles/old.yaml", "model: old\nimage: mmcompose-bed/llama.cpp:server\nengine_version: b9603\n")
    (served.folder / "old.gguf").write_bytes(tiny_gguf.read_bytes() + bytes(1 << 20))
    cache = ("--volume", f"{served.name}-old-cache:/cache", "--volume", f"{served.folder}/old.gguf:/old.gguf:ro")
    keep = "mkdir -p /cache/models && cp /old.gguf /cache/models/org_old-GGUF_old.gguf && chmod -R a+rwX /cache"
    served.engine.docker("run", "--rm", *cache, "--entrypoint", "sh", "mmcompose-bed/llama.cpp:server", "-c", keep)
    served.right("models", "fetch", "old")
    assert not [path for path in hub.paths() if "old.gguf" in path]
    served.right("models", "verify", "old")
    (served.folder / "profiles/old.yaml").unlink()


def test_a_file_that_was_damaged_is_named_and_fetched_again(served: Bench) -> None:
    inside = "/store/files/org/tiny-GGUF/main/tiny.gguf"
    damage = f"printf damaged | dd of={inside} bs=1 seek=1000 conv=notrunc"
    store = ("--volume", f"{served.name}-models:/store", "--entrypoint", "sh")
    served.engine.docker("run", "--rm", *store, "mmcompose-bed/llama.cpp:server", "-c", damage)
    found = served.call("models", "verify", "chat")
    assert found.code == 4
    assert "tiny.gguf has wrong bytes" in found.err
    served.right("models", "fetch", "chat")
    served.right("models", "verify", "--all")


def test_a_lock_pins_the_commit_and_a_hub_that_changes_a_file_is_refused(served: Bench, hub: Hub) -> None:
    served.right("models", "lock", "tiny")
    lock = yaml.safe_load((served.folder / "profiles/models/tiny.lock.yaml").read_text())
    model = yaml.safe_load((served.folder / "profiles/models/tiny.yaml").read_text())
    assert model["weights"]["revision"] == lock["commit"]
    assert list(lock["files"]) == ["tiny.gguf"]
    served.right("render")
    served.right("render", "--check")
    served.right("models", "fetch", "chat")
    hub.faults.hash_of["tiny.gguf"] = "0" * 64
    refused = served.call("models", "fetch", "chat", "--refresh")
    hub.faults.hash_of.clear()
    assert refused.code == 4
    assert "tiny.gguf is not the file that the lock names" in refused.err


def test_a_gated_model_without_a_token_names_the_file_and_the_page(served: Bench) -> None:
    served.file(
        "profiles/models/gated.yaml",
        """
        weights: {repo: org/gated-GGUF, file: tiny.gguf, format: gguf}
        gated: true
        secrets: {hf_token: {file: secrets/hf_token}}
        """,
    )
    refused = served.call("models", "fetch", "gated")
    assert refused.code == 2
    assert "secrets/hf_token is not here" in refused.err
    assert "org/gated-GGUF" in refused.err
    served.file("secrets/hf_token", "hf_of_nobody")
    refused = served.call("models", "fetch", "gated")
    assert refused.code == 4
    (served.folder / "profiles/models/gated.yaml").unlink()


def test_what_no_profile_uses_is_shown_and_removed_only_after_a_yes(served: Bench) -> None:
    served.file("profiles/models/spare.yaml", "weights: {repo: org/tiny-GGUF, revision: main, format: gguf}\n")
    for name in ("chat", "other"):
        (served.folder / f"profiles/{name}.yaml").rename(served.folder / f"{name}.kept")
    served.file("profiles/nothing.yaml", "backend: rapidocr\n")
    served.right("models", "fetch", "spare")
    declined = served.call("models", "prune")
    assert declined.code != 0
    assert "org/tiny-GGUF" in declined.out
    unused = json.loads(served.right("models", "list", "--format", "json"))["unused"]
    assert {one["repository"] for one in unused} == {"org/tiny-GGUF", "org/old-GGUF"}
    served.right("models", "prune", "--yes")
    assert json.loads(served.right("models", "list", "--format", "json"))["unused"] == []
