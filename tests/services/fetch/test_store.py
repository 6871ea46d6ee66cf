"""The other verbs: verify, list, prune, lock; and files from a plain address or a folder."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.hub import Repository, serving
from tests.services.fetch.conftest import Mmfetch, Ran
from tests.services.fetch.weights import MODEL, SMALL, gguf, safetensors

NAME = ("--repo", "org/name")


def damage(path: Path) -> None:
    """Another byte, at the same size and time: only reading it tells."""
    import os

    found = path.stat()
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def pointer(store: Path, name: str) -> Path:
    return next(store.glob(f"models--org--name/snapshots/*/{name}"))


def test_verify_names_the_file_that_is_wrong_and_fetch_mends_it_alone(mmfetch: Mmfetch, store: Path) -> None:
    with serving(Repository("org/name", MODEL)) as hub:
        mmfetch("fetch", *NAME, hub=hub)
        assert mmfetch("verify", *NAME).code == 0
        damage(pointer(store, "model.safetensors").resolve())
        pointer(store, "README.md").unlink()
        ran = mmfetch("verify", *NAME)
        assert ran.code == 5
        assert "org/name: README.md is missing; model.safetensors has wrong bytes" in ran.failure
        assert mmfetch("fetch", *NAME, hub=hub).sources() == {"model.safetensors": "fetched"}
    assert mmfetch("verify", *NAME).code == 0


def test_verify_of_a_model_that_is_not_there_says_so(mmfetch: Mmfetch) -> None:
    assert "org/name at main is not in the store\nfetch it first" in mmfetch("verify", *NAME).failure


def test_verify_looks_at_plain_files_too(mmfetch: Mmfetch, store: Path) -> None:
    with serving(Repository("org/name", MODEL)) as hub:
        mmfetch("fetch", *NAME, "--plain", hub=hub)
    plain = store / "files/org/name/main/config.json"
    plain.unlink()
    plain.write_text("{}")
    assert "config.json is missing or wrong as a plain file" in mmfetch("verify", *NAME, "--plain").failure


def locked(mmfetch: Mmfetch, tmp_path: Path, **changes: str) -> tuple[Path, dict[str, object]]:
    with serving(Repository("org/name", MODEL)) as hub:
        document = mmfetch("lock", *NAME, hub=hub).events[0]
    (tmp_path / "lock.json").write_text(json.dumps({**document, **changes}))
    return tmp_path / "lock.json", document


def test_a_lock_has_commit_sizes_and_sha256_of_every_file(mmfetch: Mmfetch, tmp_path: Path) -> None:
    _, document = locked(mmfetch, tmp_path)
    assert document["files"] == {
        path: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for path, data in sorted(MODEL.items())
    }
    assert (document["commit"], document["licence"], document["gated"]) == (
        Repository("org/name", MODEL).commit,
        "apache-2.0",
        False,
    )


def test_a_lock_holds_against_a_branch_that_moved(mmfetch: Mmfetch, store: Path, tmp_path: Path) -> None:
    path, document = locked(mmfetch, tmp_path)
    newer = {**SMALL, "model.safetensors": safetensors(100, 7)}
    repository = Repository("org/name", newer, others={"old": MODEL})
    with serving(repository) as hub:
        ran = mmfetch("fetch", *NAME, "--hashes", path, hub=hub)
    assert ran.events[-1]["commit"] == document["commit"]
    assert pointer(store, "model.safetensors").read_bytes() == MODEL["model.safetensors"]


def test_a_file_that_is_not_the_locked_one_is_refused_before_a_byte_is_fetched(
    mmfetch: Mmfetch, store: Path, tmp_path: Path
) -> None:
    path, document = locked(mmfetch, tmp_path)
    files = document["files"]
    assert isinstance(files, dict)
    files["model.safetensors"]["sha256"] = "0" * 64
    path.write_text(json.dumps(document))
    with serving(Repository("org/name", MODEL)) as hub:
        ran = mmfetch("fetch", *NAME, "--hashes", path, hub=hub)
        assert [path for path in hub.paths() if "/resolve/" in path] == []
    assert ran.code == 5
    assert "model.safetensors is not the file that the lock names" in ran.failure
    assert "mmcompose models lock" in ran.failure


def test_small_files_are_held_to_the_lock_by_sha256_too(mmfetch: Mmfetch, tmp_path: Path) -> None:
    path, document = locked(mmfetch, tmp_path)
    files = document["files"]
    assert isinstance(files, dict)
    files["config.json"]["sha256"] = "0" * 64
    path.write_text(json.dumps(document))
    with serving(Repository("org/name", MODEL)) as hub:
        assert mmfetch("fetch", *NAME, "--hashes", path, hub=hub).code == 5
        mmfetch("fetch", *NAME, hub=hub)
        assert "config.json has wrong bytes" in mmfetch("verify", *NAME, "--hashes", path).failure


@pytest.mark.parametrize(
    "text", ["", "[]", '{"files": {"../x": {}}}', '{"files": {"x": {"size": 1, "sha256": "0"}}}', "{}"]
)
def test_a_lock_that_is_none_is_named(mmfetch: Mmfetch, tmp_path: Path, text: str) -> None:
    (tmp_path / "lock.json").write_text(text)
    ran = mmfetch("verify", *NAME, "--hashes", tmp_path / "lock.json")
    assert ran.code == 2
    assert "holds no hashes" in ran.failure


def test_the_list_tells_what_lies_there_and_counts_each_byte_once(mmfetch: Mmfetch) -> None:
    with serving(Repository("org/name", MODEL)) as hub:
        mmfetch("fetch", *NAME, "--plain", hub=hub)
    document = mmfetch("list").events[0]
    (entry,) = document["repositories"]
    assert (entry["repository"], entry["type"], entry["refs"]) == ("org/name", "model", {"main": entry["commits"][0]})
    assert sum(map(len, MODEL.values())) <= entry["bytes"] < sum(map(len, MODEL.values())) + 100
    assert [(each["revision"], each["plain"], each["files"]) for each in entry["fetched"]] == [
        ("main", True, len(MODEL))
    ]
    assert (document["files"], document["partial"]) == (0, 0)
    assert document["free"] > 0


def test_pruning_removes_a_repository_and_no_other(mmfetch: Mmfetch, store: Path) -> None:
    with serving(Repository("org/name", MODEL), Repository("org/other", SMALL)) as hub:
        mmfetch("fetch", *NAME, "--plain", hub=hub)
        mmfetch("fetch", "--repo", "org/other", "--plain", hub=hub)
        assert mmfetch("prune", *NAME).changed
        assert not [path for path in store.rglob("*") if "org--name" in str(path) and not path.name.startswith("lock-")]
        assert not (store / "files/org/name").exists()
        assert not mmfetch("fetch", "--repo", "org/other", "--plain", hub=hub).changed
        assert mmfetch("fetch", *NAME, "--plain", hub=hub).changed


def test_pruning_one_revision_keeps_what_another_needs(mmfetch: Mmfetch, store: Path) -> None:
    older = {**SMALL, "model.safetensors": safetensors(100, 8)}
    with serving(Repository("org/name", MODEL, others={"v1": older})) as hub:
        mmfetch("fetch", *NAME, hub=hub)
        mmfetch("fetch", *NAME, "--revision", "v1", hub=hub)
        assert mmfetch("prune", *NAME, "--revision", "v1").changed
        assert not mmfetch("fetch", *NAME, hub=hub).changed
    left = {path.read_bytes() for path in store.glob("models--org--name/blobs/*")}
    assert left == set(MODEL.values())


WEIGHTS = gguf(500_000)
SHA256 = hashlib.sha256(WEIGHTS).hexdigest()


def from_url(mmfetch: Mmfetch, *more: str | Path, sha256: str = SHA256) -> Ran:
    """The double's own large files are plain addresses, too."""
    with serving(Repository("org/name", {"model.gguf": WEIGHTS})) as hub:
        hub.faults.cuts = [100_000]
        return mmfetch("fetch", "--url", f"{hub.url}/org/name/resolve/main/model.gguf", "--sha256", sha256, *more)


def test_a_plain_address_is_fetched_by_its_hash(mmfetch: Mmfetch, store: Path) -> None:
    assert from_url(mmfetch).changed
    assert (store / "files/url" / SHA256 / "model.gguf").read_bytes() == WEIGHTS
    assert not from_url(mmfetch).changed
    assert mmfetch("list").events[0]["urls"] == [{"sha256": SHA256, "name": "model.gguf", "bytes": len(WEIGHTS)}]


def test_another_hash_than_that_of_the_address_is_refused(mmfetch: Mmfetch, store: Path) -> None:
    ran = from_url(mmfetch, sha256="0" * 64)
    assert ran.code == 5
    assert "model.gguf came with another sha256 than 000000000000…" in ran.failure
    assert not list(store.rglob("*.gguf"))


def test_a_local_folder_is_copied_once(mmfetch: Mmfetch, store: Path, tmp_path: Path) -> None:
    source = tmp_path / "mine"
    (source / "tokenizer").mkdir(parents=True)
    for path, data in MODEL.items():
        (source / path).write_bytes(data)
    chosen = ("fetch", "--folder", source, *NAME, "--exclude", "*.md")
    assert mmfetch(*chosen).changed
    copied = store / "files/org/name/main"
    assert {path.relative_to(copied).as_posix() for path in copied.rglob("*") if path.is_file()} == MODEL.keys() - {
        "README.md"
    }
    assert not mmfetch(*chosen).changed


def test_a_local_folder_with_a_link_to_elsewhere_is_refused(mmfetch: Mmfetch, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/passwd").symlink_to("/etc/passwd")
    ran = mmfetch("fetch", "--folder", tmp_path / "mine", *NAME)
    assert ran.code == 5
    assert "passwd is a link that leads out of" in ran.failure
