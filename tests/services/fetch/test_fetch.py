"""Fetching a repository: its files lie as its own client would lay them out, once, and are never asked for again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import huggingface_hub
import pytest

from tests.hub import Repository, serving
from tests.services.conftest import SERVICES
from tests.services.fetch.conftest import Mmfetch
from tests.services.fetch.weights import MODEL, gguf, safetensors

NAME = ("--repo", "org/name")


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_hubs_own_client_finds_every_file_without_network(
    mmfetch: Mmfetch, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Repository("org/name", MODEL)) as hub:
        assert mmfetch("fetch", *NAME, hub=hub).changed
    found = huggingface_hub.snapshot_download("org/name", cache_dir=store, local_files_only=True)
    assert content(Path(found)) == MODEL
    one = huggingface_hub.hf_hub_download("org/name", "model.safetensors", cache_dir=store, local_files_only=True)
    assert Path(one).read_bytes() == MODEL["model.safetensors"]


def test_the_layout_is_the_one_that_the_hubs_own_client_makes(mmfetch: Mmfetch, store: Path, tmp_path: Path) -> None:
    with serving(Repository("org/name", MODEL)) as hub:
        mmfetch("fetch", *NAME, hub=hub)
        theirs = tmp_path / "theirs"
        huggingface_hub.snapshot_download("org/name", cache_dir=theirs, endpoint=hub.url)
    ours = {path.relative_to(store): path.is_symlink() and path.readlink() for path in store.glob("models--*/**/*")}
    their = {path.relative_to(theirs): path.is_symlink() and path.readlink() for path in theirs.glob("models--*/**/*")}
    assert ours.items() <= their.items()
    more = {path for path in their.keys() - ours.keys() if {"blobs", "refs", "snapshots"} & set(path.parts)}
    assert not more


def test_a_second_fetch_has_nothing_to_do_and_asks_nobody(mmfetch: Mmfetch) -> None:
    with serving(Repository("org/name", MODEL)) as hub:
        assert mmfetch("fetch", *NAME, hub=hub).changed
        hub.received.clear()
        assert not mmfetch("fetch", *NAME, hub=hub).changed
        assert hub.received == []


def test_nothing_to_do_loads_nothing_that_takes_time(mmfetch: Mmfetch, store: Path) -> None:
    with serving(Repository("org/name", MODEL)) as hub:
        mmfetch("fetch", *NAME, hub=hub)
    line = ["mmfetch", "fetch", "--store", str(store), *NAME]
    program = f"""
import sys
sys.argv = {line!r}
from mmfetch.__main__ import main
assert main() == 0
loaded = {{"huggingface_hub", "urllib.request", "http.client", "ssl", "socket"}} & sys.modules.keys()
assert not loaded, loaded
"""
    done = subprocess.run(
        [sys.executable, "-S", "-c", program], cwd=SERVICES / "fetch", capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "org/name at main: nothing to do\n"), done.stderr


@pytest.mark.parametrize("damage", ["shorter", "touched", "gone"])
def test_a_file_that_changed_since_is_looked_at_again(mmfetch: Mmfetch, store: Path, damage: str) -> None:
    with serving(Repository("org/name", MODEL)) as hub:
        mmfetch("fetch", *NAME, hub=hub)
        (blob,) = [path for path in store.glob("models--org--name/blobs/*") if path.stat().st_size > 300_000]
        if damage == "gone":
            blob.unlink()
        else:
            blob.write_bytes(b"x" if damage == "shorter" else MODEL["model.safetensors"])
        hub.received.clear()
        assert mmfetch("fetch", *NAME, hub=hub).changed
        fetched = [path for path in hub.paths() if "/resolve/" in path]
    assert len(fetched) == (0 if damage == "touched" else 1)
    assert blob.read_bytes() == MODEL["model.safetensors"]


def test_globs_choose_files_as_those_of_the_hubs_own_client_do(mmfetch: Mmfetch, store: Path) -> None:
    files = {**MODEL, "a-Q4_K_M.gguf": gguf(100), "a-Q8_0.gguf": gguf(200), "tokenizer/merges.txt": b"m"}
    with serving(Repository("org/name", files)) as hub:
        chosen = ("--include", "*.gguf", "--include", "tokenizer/", "--exclude", "*Q8*")
        mmfetch("fetch", *NAME, *chosen, hub=hub)
        commit = hub.repositories["model", "org/name"].commit
    got = content(store / "models--org--name/snapshots" / commit)
    assert set(got) == {"a-Q4_K_M.gguf", "tokenizer/vocab.json", "tokenizer/merges.txt"}


def test_globs_that_choose_nothing_are_named(mmfetch: Mmfetch) -> None:
    with serving(Repository("org/name", MODEL)) as hub:
        ran = mmfetch("fetch", *NAME, "--include", "*.gguf", hub=hub)
    assert ran.code == 5
    assert "org/name at main has no file that is wanted: *.gguf" in ran.failure


def test_a_branch_is_remembered_and_refreshed_only_on_request(mmfetch: Mmfetch, store: Path) -> None:
    with serving(Repository("org/name", MODEL)) as hub:
        mmfetch("fetch", *NAME, "--plain", hub=hub)
    newer = {"config.json": b"newer", "model.safetensors": MODEL["model.safetensors"]}
    with serving(Repository("org/name", newer)) as hub:
        assert not mmfetch("fetch", *NAME, "--plain", hub=hub).changed
        ran = mmfetch("fetch", *NAME, "--plain", "--refresh", hub=hub)
        commit = hub.repositories["model", "org/name"].commit
    assert ran.sources() == {"config.json": "fetched"}
    assert (store / "models--org--name/refs/main").read_text() == commit
    assert content(store / "files/org/name/main") == newer


def test_a_commit_and_a_tag_are_revisions_too(mmfetch: Mmfetch, store: Path) -> None:
    older = {"config.json": b"old"}
    with serving(Repository("org/name", MODEL, others={"v1.0": older})) as hub:
        ran = mmfetch("fetch", *NAME, "--revision", "v1.0", hub=hub)
        commit = ran.events[-1]["commit"]
        assert (store / "models--org--name/refs/v1.0").read_text() == commit
        assert mmfetch("fetch", *NAME, "--revision", commit, hub=hub).code == 0
    assert content(store / "models--org--name/snapshots" / commit) == older
    assert not (store / "models--org--name/refs" / commit).exists()


def test_a_data_set_lies_beside_models(mmfetch: Mmfetch, store: Path) -> None:
    with serving(Repository("org/rows", {"test.jsonl": b"{}\n"}, kind="dataset")) as hub:
        assert mmfetch("fetch", "--repo", "org/rows", "--type", "dataset", hub=hub).changed
    found = huggingface_hub.snapshot_download("org/rows", repo_type="dataset", cache_dir=store, local_files_only=True)
    assert content(Path(found)) == {"test.jsonl": b"{}\n"}


def test_plain_files_are_second_names_and_take_no_room(mmfetch: Mmfetch, store: Path) -> None:
    with serving(Repository("org/name", MODEL)) as hub:
        mmfetch("fetch", *NAME, "--plain", hub=hub)
    plain = store / "files/org/name/main/model.safetensors"
    assert not plain.is_symlink()
    assert any(plain.samefile(blob) for blob in store.glob("models--org--name/blobs/*"))


def test_one_content_under_two_names_is_fetched_once(mmfetch: Mmfetch) -> None:
    weights = safetensors(1000)
    with serving(Repository("org/name", {"a.safetensors": weights, "b.safetensors": weights})) as hub:
        mmfetch("fetch", *NAME, hub=hub)
        assert len([path for path in hub.paths() if "/resolve/" in path]) == 1


def test_the_bytes_are_announced_as_they_come(mmfetch: Mmfetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmfetch.report.EVENTS_EVERY_S", 0)
    with serving(Repository("org/name", MODEL)) as hub:
        ran = mmfetch("fetch", *NAME, hub=hub)
    progress = [event for event in ran.events if event["event"] == "progress"]
    total = sum(map(len, MODEL.values()))
    assert all(event["total"] == total and event["bytes"] <= total for event in progress)
    assert progress[-1]["bytes"] == total
    assert [event["phase"] for event in ran.events if event["event"] == "phase"] == ["ask", "fetch"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "fetch needs one source"),
        (("--repo", "../etc"), "'../etc' is no name of a repository"),
        (("--repo", "a/b", "--revision", "../../x"), "'../../x' is no revision"),
        (("--repo", "a/b", "--workers", "0"), "'0' is no number from 1 to 64"),
        (("--repo", "a/b", "--frobnicate"), "unrecognized arguments: --frobnicate"),
        (("--url", "ftp://x/y", "--sha256", "0" * 64), "ftp://x/y names no file to fetch"),
        (("--url", "http://x/y", "--sha256", "12"), "'12' is no sha256"),
    ],
)
def test_a_wrong_line_is_refused_with_status_2(mmfetch: Mmfetch, options: tuple[str, ...], message: str) -> None:
    ran = mmfetch("fetch", *options)
    assert ran.code == 2
    assert message in ran.failure


def test_further_repositories_are_fetched_whole_in_the_same_run(mmfetch: Mmfetch, store: Path) -> None:
    with serving(Repository("org/name", MODEL), Repository("org/tokenizer", {"tokenizer.json": b"{}"})) as hub:
        also = ("--include", "*.safetensors", "--also", "org/tokenizer")
        assert mmfetch("fetch", *NAME, *also, hub=hub).changed
        hub.received.clear()
        assert [event["changed"] for event in mmfetch("fetch", *NAME, *also, hub=hub).events] == [False, False]
        assert hub.received == []
    assert len(list(store.glob("models--org--tokenizer/snapshots/*/tokenizer.json"))) == 1
