"""Caches of before: what an engine downloaded itself is taken from there, checked, and not downloaded again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from huggingface_hub import snapshot_download

from tests.hub import Hub, Repository, serving
from tests.services.fetch.conftest import Mmfetch
from tests.services.fetch.weights import MODEL, SHARDS, SMALL, gguf, safetensors

NAME = ("--repo", "org/name")
TAKEN = "taken from the former cache"


def hub_cache(hub: Hub, former: Path) -> None:
    """As vLLM leaves its HF_HOME."""
    snapshot_download("org/name", cache_dir=former / "huggingface/hub", endpoint=hub.url)


def flat_cache(hub: Hub, former: Path) -> None:
    """As llama.cpp named the files of LLAMA_CACHE before it took over the layout of the hub's client."""
    for path, data in hub.repositories["model", "org/name"].files.items():
        assert isinstance(data, bytes)
        (former / f"org_name_{path.replace('/', '_')}").write_bytes(data)
    (former / "manifest=org=name=latest.json").write_text("{}")


def folder(hub: Hub, former: Path) -> None:
    """As `hf download --local-dir` leaves a model."""
    snapshot_download("org/name", local_dir=former / "models/name", endpoint=hub.url)


@pytest.fixture
def former(tmp_path: Path) -> Path:
    place = tmp_path / "former"
    place.mkdir()
    return place


@pytest.mark.parametrize("layout", [hub_cache, flat_cache, folder])
def test_no_byte_of_a_model_that_a_former_cache_has_is_fetched(
    mmfetch: Mmfetch, store: Path, former: Path, layout: Callable[[Hub, Path], None]
) -> None:
    with serving(Repository("org/name", MODEL)) as hub:
        layout(hub, former)
        hub.received.clear()
        ran = mmfetch("fetch", *NAME, "--former", former, hub=hub)
        assert [path for path in hub.paths() if path.endswith(".safetensors") or len(path) == 65] == []
    assert ran.changed
    assert ran.sources()["model.safetensors"] == TAKEN
    found = snapshot_download("org/name", cache_dir=store, local_files_only=True)
    assert (Path(found) / "model.safetensors").read_bytes() == MODEL["model.safetensors"]


def test_a_former_cache_is_only_read(mmfetch: Mmfetch, former: Path) -> None:
    def state() -> list[tuple[str, int]]:
        return sorted((str(path), path.lstat().st_mtime_ns) for path in former.rglob("*"))

    with serving(Repository("org/name", MODEL)) as hub:
        hub_cache(hub, former)
        before = state()
        mmfetch("fetch", *NAME, "--former", former, hub=hub)
    assert state() == before


def test_wrong_bytes_of_a_former_cache_are_fetched_instead(mmfetch: Mmfetch, store: Path, former: Path) -> None:
    data = MODEL["model.safetensors"]
    with serving(Repository("org/name", MODEL)) as hub:
        (former / "model.safetensors").write_bytes(data[:-1] + b"?")
        ran = mmfetch("fetch", *NAME, "--former", former, hub=hub)
    assert ran.sources()["model.safetensors"] == "fetched"
    assert data in [path.read_bytes() for path in store.glob("models--org--name/blobs/*")]


def test_a_link_of_a_former_cache_is_not_followed(mmfetch: Mmfetch, former: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(MODEL["model.safetensors"])
    (former / "model.safetensors").symlink_to(tmp_path / "secret")
    with serving(Repository("org/name", MODEL)) as hub:
        ran = mmfetch("fetch", *NAME, "--former", former, hub=hub)
    assert ran.sources()["model.safetensors"] == "fetched"


def test_what_the_network_brought_before_is_kept_when_a_former_cache_has_something_else(
    mmfetch: Mmfetch, store: Path, former: Path
) -> None:
    data = MODEL["model.safetensors"]
    repository = Repository("org/name", MODEL)
    with serving(repository) as hub:
        part = store / ".mmcompose/partial/models--org--name" / repository.main["model.safetensors"].sha256
        part.parent.mkdir(parents=True)
        part.write_bytes(data[:200_000])
        (former / "model.safetensors").write_bytes(b"?" * len(data))
        assert mmfetch("fetch", *NAME, "--former", former, hub=hub).changed
        assert [each.span for each in hub.received if each.host in hub.files_url] == [f"bytes=200000-{len(data) - 1}"]


def test_a_full_former_cache_is_enough_without_network(mmfetch: Mmfetch, store: Path, former: Path) -> None:
    with serving(Repository("org/name", SHARDS)) as hub:
        hub_cache(hub, former)
    ran = mmfetch("fetch", *NAME, "--former", former)
    assert ran.changed
    assert "nothing listens at 127.0.0.1:9; the caches here have org/name at main as commit" in ran.notes()
    found = Path(snapshot_download("org/name", cache_dir=store, local_files_only=True))
    assert {path.relative_to(found).as_posix() for path in found.rglob("*") if path.is_file()} == set(SHARDS)
    assert not mmfetch("fetch", *NAME).changed


def test_a_former_cache_without_one_shard_is_named_without_network(mmfetch: Mmfetch, store: Path, former: Path) -> None:
    with serving(Repository("org/name", SHARDS)) as hub:
        hub_cache(hub, former)
    (pointer,) = former.rglob("model-00002-of-00002.safetensors")
    pointer.unlink()
    ran = mmfetch("fetch", *NAME, "--former", former)
    assert ran.code == 4
    assert "only a part of org/name at main: model-00002-of-00002.safetensors is missing" in ran.failure
    assert not list(store.glob("models--*"))


def test_wrong_bytes_are_not_believed_without_network_either(mmfetch: Mmfetch, former: Path) -> None:
    with serving(Repository("org/name", MODEL)) as hub:
        hub_cache(hub, former)
    (pointer,) = former.rglob("model.safetensors")
    pointer.resolve().write_bytes(b"?" * len(MODEL["model.safetensors"]))
    ran = mmfetch("fetch", *NAME, "--former", former)
    assert ran.code == 5
    assert "model.safetensors has wrong bytes in the former cache" in ran.failure


def test_a_cache_that_is_the_store_is_checked_once_and_serves_without_network(mmfetch: Mmfetch, store: Path) -> None:
    with serving(Repository("org/name", MODEL)) as hub:
        snapshot_download("org/name", cache_dir=store, endpoint=hub.url)
    assert mmfetch("fetch", *NAME).changed
    assert not mmfetch("fetch", *NAME).changed


def test_a_store_that_may_ask_nobody_says_so(mmfetch: Mmfetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with serving(Repository("org/name", MODEL)) as hub:
        ran = mmfetch("fetch", *NAME, hub=hub)
        assert hub.received == []
    assert ran.code == 4
    assert "org/name at main is not here, and the hub may not be asked: HF_HUB_OFFLINE is set" in ran.failure


def test_pieces_of_a_gguf_are_all_needed(mmfetch: Mmfetch, former: Path) -> None:
    files = {f"m-{number:05}-of-00003.gguf": gguf(500, number) for number in (1, 2, 3)}
    with serving(Repository("org/name", files)) as hub:
        hub_cache(hub, former)
    (pointer,) = former.rglob("m-00003-of-00003.gguf")
    pointer.unlink()
    assert "m-00003-of-00003.gguf is missing" in mmfetch("fetch", *NAME, "--former", former).failure


ADOPT = ("adopt", *NAME, "--former")


def test_adopting_moves_every_file_and_leaves_nothing_behind(mmfetch: Mmfetch, store: Path, former: Path) -> None:
    with serving(Repository("org/name", SHARDS)) as hub:
        hub_cache(hub, former)
    assert mmfetch(*ADOPT, former).changed
    assert [path for path in former.rglob("*") if "org--name" in str(path) and ".locks" not in str(path)] == []
    found = Path(snapshot_download("org/name", cache_dir=store, local_files_only=True))
    assert (found / "model-00002-of-00002.safetensors").read_bytes() == SHARDS["model-00002-of-00002.safetensors"]
    assert not mmfetch("fetch", *NAME).changed


def test_adopting_keeps_what_belongs_to_another_commit(mmfetch: Mmfetch, former: Path) -> None:
    older = {**SMALL, "model.safetensors": safetensors(999, 9)}
    with serving(Repository("org/name", MODEL, others={"v1": older})) as hub:
        hub_cache(hub, former)
        snapshot_download("org/name", revision="v1", cache_dir=former / "huggingface/hub", endpoint=hub.url)
    assert mmfetch(*ADOPT, former).changed
    assert older["model.safetensors"] in [path.read_bytes() for path in former.rglob("blobs/*")]


def test_adopting_goes_on_where_it_was_stopped(
    mmfetch: Mmfetch, store: Path, former: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mmfetch.store.part import Part

    with serving(Repository("org/name", SHARDS)) as hub:
        hub_cache(hub, former)
    finish, count = Part.finish, 0

    def once(part: Part, place: Path) -> None:
        nonlocal count
        count += 1
        if count == 3:
            raise KeyboardInterrupt
        finish(part, place)

    monkeypatch.setattr(Part, "finish", once)
    with pytest.raises(KeyboardInterrupt):
        mmfetch(*ADOPT, former)
    monkeypatch.setattr(Part, "finish", finish)
    there = {path.name for path in store.glob("models--org--name/blobs/*")}
    assert len(there) == 2
    assert there.isdisjoint(path.name for path in former.rglob("blobs/*"))
    assert mmfetch(*ADOPT, former).changed
    assert not mmfetch("fetch", *NAME).changed


def test_adopting_never_removes_a_source_whose_bytes_are_wrong(mmfetch: Mmfetch, former: Path) -> None:
    with serving(Repository("org/name", MODEL)) as hub:
        hub_cache(hub, former)
    (pointer,) = former.rglob("model.safetensors")
    blob = pointer.resolve()
    blob.write_bytes(b"?" * len(MODEL["model.safetensors"]))
    ran = mmfetch(*ADOPT, former)
    assert ran.code == 5
    assert f"model.safetensors has wrong bytes in the former cache: {blob}" in ran.failure
    assert blob.exists()


def test_adopting_needs_room_for_the_largest_file_only(
    mmfetch: Mmfetch, former: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Repository("org/name", SHARDS)) as hub:
        hub_cache(hub, former)
    monkeypatch.setattr("mmfetch.store.space.SPARE", 0)
    monkeypatch.setattr("mmfetch.store.space.free_bytes", lambda root: 150_000)
    assert mmfetch(*ADOPT, former).code == 6
    monkeypatch.setattr("mmfetch.store.space.free_bytes", lambda root: 250_000)
    assert mmfetch(*ADOPT, former).changed


def test_adopting_what_no_cache_knows_is_refused(mmfetch: Mmfetch, former: Path) -> None:
    (former / "org_name_a.gguf").write_bytes(gguf(10))
    ran = mmfetch(*ADOPT, former)
    assert ran.code == 5
    assert "no former cache knows org/name at main by its commit\nfetch it with --former" in ran.failure


def test_a_former_volume_that_is_empty_is_no_fault(mmfetch: Mmfetch, former: Path) -> None:
    with serving(Repository("org/name", MODEL)) as hub:
        assert mmfetch("fetch", *NAME, "--former", former, "--former", former / "none", hub=hub).changed
    shutil.rmtree(former)


def test_a_former_cache_that_may_not_be_read_is_named(
    mmfetch: Mmfetch, former: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("huggingface"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    with serving(Repository("org/name", MODEL)) as hub:
        hub_cache(hub, former)
        monkeypatch.setattr(os, "scandir", refusing)
        ran = mmfetch("fetch", *NAME, "--former", former, hub=hub)
    assert f"{former}/huggingface of a former cache may not be read" in ran.notes()
    assert ran.sources()["model.safetensors"] == "fetched"


def test_a_blob_that_leads_out_of_a_former_cache_is_not_read(mmfetch: Mmfetch, former: Path, tmp_path: Path) -> None:
    with serving(Repository("org/name", MODEL)) as hub:
        hub_cache(hub, former)
    (pointer,) = former.rglob("model.safetensors")
    blob = pointer.resolve()
    blob.rename(tmp_path / "elsewhere")
    blob.symlink_to(tmp_path / "elsewhere")
    assert mmfetch("fetch", *NAME, "--former", former).code == 0
    assert mmfetch("fetch", *NAME, "--former", former, "--include", "*.safetensors").code == 4


def test_where_both_do_not_fit_the_way_to_move_a_former_cache_is_named(
    mmfetch: Mmfetch, store: Path, former: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Repository("org/name", SHARDS)) as hub:
        hub_cache(hub, former)
        monkeypatch.setattr("mmfetch.store.space.free_bytes", lambda root: 1)
        ran = mmfetch("fetch", *NAME, "--former", former, hub=hub)
    assert ran.code == 6
    assert "mmcompose models adopt moves it out of the engine's cache" in ran.failure
