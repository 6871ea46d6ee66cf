"""Broken connections: wherever one breaks, the file is whole in the end, and nothing else ever looks whole."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hub import Hub, Repository, serving
from tests.services.conftest import SERVICES, eventually
from tests.services.fetch.conftest import Mmfetch
from tests.services.fetch.weights import safetensors

NAME = ("--repo", "org/name")
WEIGHTS = safetensors(1_400_000)
REPOSITORY = Repository("org/name", {"model.safetensors": WEIGHTS})


def blobs(store: Path) -> list[bytes]:
    return [path.read_bytes() for path in store.glob("models--org--name/blobs/*")]


def parts(store: Path) -> list[Path]:
    return list(store.glob(".mmcompose/partial/*/*"))


@pytest.mark.parametrize("reset", [False, True], ids=["ended", "reset"])
def test_a_download_goes_on_after_cuts_at_many_offsets(mmfetch: Mmfetch, store: Path, reset: bool) -> None:
    offsets = [0, 1, 2, 7, 4095, 65_536, 100_001, 262_143, 262_144, 262_145, 300_000]
    with serving(REPOSITORY) as hub:
        hub.faults.cuts, hub.faults.reset = list(offsets), reset
        assert mmfetch("fetch", *NAME, hub=hub).changed
        assert hub.faults.cuts == []
        if not reset:
            sent = [each for each in hub.received if each.host in hub.files_url]
            begins = [int((re.findall(r"bytes=(\d+)", each.span) or [0])[0]) for each in sent]
            assert begins == [sum(offsets[:count]) for count in range(len(offsets) + 1)]
    assert blobs(store) == [WEIGHTS]
    assert parts(store) == []


def test_a_server_that_knows_no_ranges_sends_all_again(mmfetch: Mmfetch, store: Path) -> None:
    with serving(REPOSITORY) as hub:
        hub.faults.cuts, hub.faults.without_ranges = [500_000, 700_000], True
        assert mmfetch("fetch", *NAME, hub=hub).changed
    assert blobs(store) == [WEIGHTS]


def test_a_connection_that_falls_silent_is_left(mmfetch: Mmfetch, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_DOWNLOAD_TIMEOUT", "0.2")
    with serving(REPOSITORY) as hub:
        hub.faults.pause_at = 400_000
        assert mmfetch("fetch", *NAME, hub=hub).changed
    assert blobs(store) == [WEIGHTS]


def test_faults_of_the_hub_pass(mmfetch: Mmfetch, store: Path) -> None:
    with serving(REPOSITORY) as hub:
        hub.faults.answers = [(503, {}), (500, {}), (429, {"Retry-After": "0"})]
        assert mmfetch("fetch", *NAME, hub=hub).changed
    assert blobs(store) == [WEIGHTS]


def test_the_pause_that_the_hub_asks_for_is_kept(mmfetch: Mmfetch) -> None:
    with serving(REPOSITORY) as hub:
        hub.faults.answers = [(429, {"Retry-After": "1"})]
        begun = time.monotonic()
        assert mmfetch("fetch", *NAME, hub=hub).changed
        assert time.monotonic() - begun >= 1


def test_wrong_bytes_never_get_a_name(mmfetch: Mmfetch, store: Path) -> None:
    with serving(REPOSITORY) as hub:
        hub.faults.other_bytes = {"model.safetensors"}
        ran = mmfetch("fetch", *NAME, hub=hub)
    assert ran.code == 5
    assert "model.safetensors came with other bytes than its hash" in ran.failure
    assert blobs(store) == []
    assert parts(store) == []
    assert not list(store.glob("models--org--name/snapshots/*/*"))


def test_what_an_earlier_run_left_is_not_believed(mmfetch: Mmfetch, store: Path) -> None:
    with serving(REPOSITORY) as hub:
        name = REPOSITORY.main["model.safetensors"].sha256
        place = store / ".mmcompose/partial/models--org--name" / name
        place.parent.mkdir(parents=True)
        place.write_bytes(b"x" * 70_000)
        assert mmfetch("fetch", *NAME, hub=hub).changed
    assert blobs(store) == [WEIGHTS]


@pytest.mark.parametrize("size", [len(WEIGHTS) - 1, len(WEIGHTS) + 1, 0])
def test_a_list_that_lies_about_a_size_is_refused(mmfetch: Mmfetch, store: Path, size: int) -> None:
    with serving(REPOSITORY) as hub:
        hub.faults.size_of = {"model.safetensors": size}
        assert mmfetch("fetch", *NAME, hub=hub).code == 5
    assert blobs(store) == []


def program(hub: Hub, store: Path) -> subprocess.Popen[str]:
    env = {**os.environ, "HF_ENDPOINT": hub.url, "NO_PROXY": "127.0.0.1", "PYTHONPATH": str(SERVICES / "fetch")}
    line = [sys.executable, "-m", "mmfetch", "fetch", "--store", str(store), *NAME]
    return subprocess.Popen(line, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def arrived(store: Path) -> Callable[[], bool]:
    return lambda: any(part.stat().st_size > 100_000 for part in parts(store))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_killed_leaves_a_part_that_the_next_run_goes_on_with(
    mmfetch: Mmfetch, store: Path, number: int
) -> None:
    with serving(REPOSITORY) as hub:
        hub.faults.pause_at = 600_000
        run = program(hub, store)
        assert eventually(arrived(store))
        run.send_signal(number)
        _, printed = run.communicate(timeout=60)
        assert run.returncode == (-9 if number == signal.SIGKILL else 128 + number)
        assert printed == ("" if number == signal.SIGKILL else "mmfetch: stopped; what has arrived is kept\n")
        assert blobs(store) == []
        assert not list(store.glob("models--org--name/snapshots/*/*"))
        (part,) = parts(store)
        there = part.stat().st_size
        hub.faults.pause_at = None
        hub.received.clear()
        assert mmfetch("fetch", *NAME, hub=hub).changed
        assert [each.span for each in hub.received if each.host in hub.files_url] == [
            f"bytes={there}-{len(WEIGHTS) - 1}"
        ]
    assert blobs(store) == [WEIGHTS]


def test_a_second_run_waits_for_the_first_and_finds_nothing_to_do(mmfetch: Mmfetch, store: Path) -> None:
    with serving(REPOSITORY) as hub:
        hub.faults.rate = 1000
        first = program(hub, store)
        assert eventually(arrived(store))
        second = program(hub, store)
        assert second.stdout
        assert "another run works on models--org--name: waiting for it" in second.stdout.readline()
        hub.faults.rate = None
        assert second.communicate(timeout=120)[0] == "org/name at main: nothing to do\n"
        first.communicate(timeout=120)
        assert (first.returncode, second.returncode) == (0, 0)
        assert len([each for each in hub.received if each.host in hub.files_url]) == 1


def test_a_disk_that_becomes_full_keeps_what_has_arrived(
    mmfetch: Mmfetch, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true, count = os.write, 0
    lock = threading.Lock()

    def write(file: int, data: memoryview) -> int:
        nonlocal count
        with lock:
            if count + len(data) > 400_000:
                raise OSError(28, "No space left on device")
            count += len(data)
        return true(file, data)

    with serving(REPOSITORY) as hub:
        monkeypatch.setattr(os, "write", write)
        ran = mmfetch("fetch", *NAME, hub=hub)
        monkeypatch.undo()
        assert ran.code == 6
        assert "is full" in ran.failure
        (part,) = parts(store)
        assert part.stat().st_size > 0
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        assert mmfetch("fetch", *NAME, hub=hub).changed
    assert blobs(store) == [WEIGHTS]


def test_a_disk_with_too_little_room_is_named_before_anything_is_fetched(
    mmfetch: Mmfetch, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mmfetch.store.space.free_bytes", lambda root: 65 << 20)
    with serving(REPOSITORY) as hub:
        ran = mmfetch("fetch", *NAME, hub=hub)
        assert hub.paths() == ["/api/models/org/name/revision/main"]
    assert ran.code == 6
    assert "org/name at main needs 1.4 MB more, and 68.2 MB are free on the file system of" in ran.failure


def test_a_store_that_may_not_be_written_is_named(mmfetch: Mmfetch, store: Path) -> None:
    if os.getuid() == 0:
        (store / ".mmcompose").write_text("a file where a folder belongs")
        expected = "is a file, and has to be a folder"
    else:
        store.chmod(0o500)
        expected = "may not be written"
    with serving(REPOSITORY) as hub:
        ran = mmfetch("fetch", *NAME, hub=hub)
    store.chmod(0o700)
    assert ran.code in {5, 7}
    assert expected in ran.failure


def test_a_limit_of_requests_is_waited_for_as_the_hub_counts_it(
    mmfetch: Mmfetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mmfetch.hub.patience.WORTH_A_NOTE_S", 1)
    with serving(REPOSITORY) as hub:
        hub.faults.answers = [(429, {"RateLimit": '"api";r=0;t=1'})]
        begun = time.monotonic()
        ran = mmfetch("fetch", *NAME, hub=hub)
        assert ran.changed
        assert time.monotonic() - begun >= 1
        assert ran.notes() == f"{hub.url.removeprefix('http://')} asks for a pause of 1 s"
