"""What the hub refuses, and lies of a hub: one clear line each, with what to create or which page to visit."""

from __future__ import annotations

from pathlib import Path

import pytest
from huggingface_hub import hf_hub_download
from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

from tests.hub import Repository, serving
from tests.hub.server import TOKEN
from tests.services.fetch.conftest import Mmfetch
from tests.services.fetch.weights import MODEL, safetensors

NAME = ("--repo", "org/name")
GATED = Repository("org/name", MODEL, gated=True)
PRIVATE = Repository("org/name", MODEL, private=True)
PUBLIC = Repository("org/name", MODEL)


def test_a_gated_model_without_token_says_what_to_create_and_which_page_to_visit(mmfetch: Mmfetch, store: Path) -> None:
    with serving(GATED) as hub:
        ran = mmfetch("fetch", *NAME, hub=hub)
    assert ran.code == 3
    assert ran.failure == (
        "org/name is gated, and there is no token\n"
        f"accept its licence at {hub.url}/org/name, make a token with the right to read at {hub.url}/settings/tokens, "
        "write it to secrets/hf_token, and name that file under secrets: of the model"
    )
    assert not list(store.glob("models--*/blobs/*"))


def test_the_token_is_shown_to_the_hub_and_to_nobody_else(
    mmfetch: Mmfetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "token"))
    with serving(GATED) as hub:
        assert mmfetch("fetch", *NAME, hub=hub).changed
        shown = {(each.host in hub.url, each.authorization) for each in hub.received}
    assert shown == {(True, f"Bearer {TOKEN}"), (False, "")}


@pytest.mark.parametrize(
    ("repository", "token", "message"),
    [
        (GATED, "hf_stranger", "the token of secrets/hf_token has no access to org/name\nask for access at "),
        (PUBLIC, "hf_outdated", "does not accept the token of secrets/hf_token\nmake a new one"),
        (PRIVATE, "", "has no model org/name, or it is private\ncheck the name at "),
        (PRIVATE, "hf_stranger", "has no model org/name, or it is private\ncheck the name at "),
        (PUBLIC, "two words", "holds more than a token"),
    ],
)
def test_each_refusal_has_its_own_sentence(
    mmfetch: Mmfetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repository: Repository, token: str, message: str
) -> None:
    (tmp_path / "token").write_text(token)
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "token"))
    with serving(repository) as hub:
        ran = mmfetch("fetch", *NAME, hub=hub)
    assert ran.code == (2 if token == "two words" else 3)
    assert message in ran.failure
    assert not token or token not in ran.failure


def test_unknown_names_and_revisions_are_named(mmfetch: Mmfetch) -> None:
    with serving(PUBLIC) as hub:
        assert "has no model org/nmae, or it is private" in mmfetch("fetch", "--repo", "org/nmae", hub=hub).failure
        ran = mmfetch("fetch", *NAME, "--revision", "v2", hub=hub)
    assert (ran.code, ran.failure.splitlines()[0]) == (3, "org/name has no revision v2")


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (429, 4, "allows no more requests for now"),
        (503, 4, "has a fault of its own: it answers 503"),
        (418, 3, "refuses the list of files of org/name: 418"),
    ],
)
def test_answers_that_do_not_pass_end_in_a_sentence(mmfetch: Mmfetch, status: int, code: int, message: str) -> None:
    with serving(PUBLIC) as hub:
        hub.faults.answers = [(status, {})] * 9
        ran = mmfetch("fetch", *NAME, hub=hub)
    assert ran.code == code
    assert message in ran.failure


def test_a_pause_that_nobody_would_wait_for_is_reported(mmfetch: Mmfetch) -> None:
    with serving(PUBLIC) as hub:
        hub.faults.answers = [(429, {"Retry-After": "86400"})]
        assert mmfetch("fetch", *NAME, hub=hub).code == 4
        assert hub.faults.answers == []


def test_no_network_is_a_sentence_too(mmfetch: Mmfetch) -> None:
    ran = mmfetch("fetch", *NAME)
    assert ran.code == 4
    assert ran.failure == "nothing listens at 127.0.0.1:9\ncheck HF_ENDPOINT and HTTPS_PROXY, then fetch again"


@pytest.mark.parametrize("name", ["../../escaped", "/etc/escaped", "a/../../b", "a//b", "a\\b", "./a", "", "a\nb"])
def test_names_that_leave_their_folder_are_refused(mmfetch: Mmfetch, store: Path, name: str) -> None:
    with serving(PUBLIC) as hub:
        hub.faults.rename = {"config.json": name}
        ran = mmfetch("fetch", *NAME, hub=hub)
    assert ran.code == 5
    assert "which would lie outside of its folder" in ran.failure
    assert not list(store.rglob("*escaped*"))
    assert not list(store.glob("models--*"))


def test_a_name_that_is_a_file_and_a_folder_is_refused(mmfetch: Mmfetch) -> None:
    with serving(PUBLIC) as hub:
        hub.faults.rename = {"config.json": "tokenizer"}
        assert "names tokenizer as a file and as a folder" in mmfetch("fetch", *NAME, hub=hub).failure
        hub.faults.rename = {"config.json": "README.md"}
        assert "names README.md twice" in mmfetch("fetch", *NAME, hub=hub).failure


@pytest.mark.parametrize("link", ["models--org--name", "models--org--name/blobs", ".mmcompose", ".mmcompose/partial"])
def test_a_link_that_leads_out_of_the_store_is_refused(
    mmfetch: Mmfetch, store: Path, tmp_path: Path, link: str
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (store / link).parent.mkdir(parents=True, exist_ok=True)
    (store / link).symlink_to(tmp_path / "elsewhere")
    with serving(PUBLIC) as hub:
        ran = mmfetch("fetch", *NAME, hub=hub)
    assert ran.code == 5
    assert "out of the store" in ran.failure
    assert not [path for path in (tmp_path / "elsewhere").rglob("*") if path.is_file()]


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"sha": "main"}', b'{"sha": 3}', b"[" * 100_000, b"\xff"])
def test_answers_of_something_that_is_no_hub_are_named(mmfetch: Mmfetch, body: bytes) -> None:
    with serving(PUBLIC) as hub:
        hub.faults.body = body
        ran = mmfetch("fetch", *NAME, hub=hub)
    assert ran.code == 4
    assert "HF_ENDPOINT: is it a hub?" in ran.failure


def test_a_hash_that_is_no_hash_is_never_a_name_of_a_file(mmfetch: Mmfetch, store: Path) -> None:
    with serving(PUBLIC) as hub:
        hub.faults.hash_of = {"model.safetensors": "../../x"}
        assert mmfetch("fetch", *NAME, hub=hub).code == 0
        hub.faults.without_hashes = True
        ran = mmfetch("fetch", *NAME, "--refresh", hub=hub)
    assert ran.code == 5
    assert "names no hash of model.safetensors" in ran.failure


def test_the_head_of_each_file_completes_the_list_of_a_mirror_that_has_names_only(mmfetch: Mmfetch) -> None:
    with serving(PUBLIC) as hub:
        hub.faults.without_details = True
        assert mmfetch("fetch", *NAME, hub=hub).changed
        assert len(hub.paths("HEAD")) == len(MODEL)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.gguf", b"GGML" + bytes(40), "is no GGUF file: it begins with b'GGML'"),
        ("a.gguf", b"GGUF\x03\0\0\0", "it ends within its head"),
        ("a.gguf", b"GGUF\x09\0\0\0" + bytes(40), "it names version 9, which no engine reads"),
        ("a.gguf", b"GGUF\x03\0\0\0" + b"\xff" * 16, "is cut off or damaged"),
        ("a.safetensors", b"abc", "it has fewer than 8 bytes"),
        ("a.safetensors", b"\xff" * 8 + b"{}", "its head would have 18446744073709551615 bytes"),
        ("a.safetensors", b"\x02" + bytes(7) + b"xx", "its head is no JSON"),
        ("a.safetensors", b"\x02" + bytes(7) + b"[]", "its head does not name tensors"),
        ("a.safetensors", safetensors(100)[:-1], "is cut off or too long"),
    ],
)
def test_a_model_file_that_was_broken_before_it_was_uploaded_is_named(
    mmfetch: Mmfetch, store: Path, name: str, data: bytes, message: str
) -> None:
    with serving(Repository("org/name", {name: data})) as hub:
        ran = mmfetch("fetch", *NAME, hub=hub)
    assert ran.code == 5
    assert f"{name} {message}" in ran.failure or message in ran.failure
    assert not list(store.glob("models--*/blobs/*"))


def test_the_hubs_own_client_understands_the_double(tmp_path: Path) -> None:
    """Whatever the double refuses, the real client takes for the refusal that the real hub means."""

    def fetch(name: str, revision: str = "main", token: str | bool = False) -> str:
        return hf_hub_download(
            name, "config.json", revision=revision, token=token, endpoint=hub.url, cache_dir=tmp_path
        )

    with serving(GATED, Repository("org/open", MODEL)) as hub:
        assert Path(fetch("org/open")).read_bytes() == MODEL["config.json"]
        with pytest.raises(GatedRepoError):
            fetch("org/name")
        assert Path(fetch("org/name", token=TOKEN)).read_bytes() == MODEL["config.json"]
        with pytest.raises(RepositoryNotFoundError):
            fetch("org/none", token=TOKEN)
        with pytest.raises(RevisionNotFoundError):
            fetch("org/open", "v9")
