"""`mmcompose test` on a real engine: it leaves everything as it was, whatever else goes on and whatever ends it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.bed.recipes import RECIPES

if TYPE_CHECKING:
    from tests.deploy.playground import Playground

pytestmark = pytest.mark.docker

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def test_it_leaves_nothing_behind_and_keeps_what_was_up(play: Playground) -> None:
    play.profile("chat").render()
    answer = play.run("test", "chat")
    assert (answer.code, "'Paris.'" in answer.out, play.running()) == (0, True, {})
    assert "stays up" not in answer.err
    assert play.project.owned("network") == []
    assert play.up("chat").code == 0
    before = play.identity("chat")
    again = play.run("test", "chat")
    assert (again.code, "chat was up before, and stays up" in again.err) == (0, True), again
    assert play.identity("chat") == before
    assert play.run("down", "chat").code == 0
    assert play.run("test", "chat", "--keep").code == 0
    assert play.running() == {"chat": "running"}


@pytest.mark.heavy
def test_what_another_process_is_bringing_up_stays(play: Playground) -> None:
    play.profile("slow", load_seconds=3).render()
    up = play.begin("up", "slow")
    while not play.running():
        time.sleep(0.02)
    answer = play.run("test", "slow")
    up.communicate(timeout=300)
    assert (up.returncode, answer.code) == (0, 0), answer
    assert play.running() == {"slow": "running"}


@pytest.mark.heavy
def test_a_container_that_was_stopped_is_stopped_again(play: Playground) -> None:
    play.profile("chat").render()
    assert play.up("chat").code == 0
    play.engine.docker("stop", f"{play.name}-chat")
    assert play.run("test", "chat").code == 0
    assert play.running() == {"chat": "exited"}


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (("--set", "served_name=another"), "with other values"),
        pytest.param(("--image", RECIPES["base"].tag), "with other values", marks=pytest.mark.heavy),
        pytest.param(("--rebuild",), "would get another image", marks=pytest.mark.heavy),
    ],
    ids=["a value", "an image", "rebuild"],
)
def test_what_is_up_is_never_replaced(play: Playground, other: tuple[str, ...], why: str) -> None:
    play.profile("chat").render()
    assert play.up("chat").code == 0
    before, kept = play.identity("chat"), kept_files(play)
    answer = play.run("test", "chat", "--format", "json", *other)
    assert (answer.code, answer.failure["event"], answer.failure["profile"]) == (1, "refused", "chat"), answer
    assert why in answer.failure["text"]
    assert f"mmcompose -C {play.folder} down chat first" in answer.failure["text"]
    assert play.identity("chat") == before
    assert kept_files(play) == kept, "nothing was written either"


def kept_files(play: Playground) -> set[Path]:
    return set((play.folder / ".mmcompose").rglob("*.yaml"))


@pytest.mark.heavy
def test_what_is_up_with_the_same_values_is_tested_as_it_is(play: Playground) -> None:
    play.profile("chat").render()
    assert play.up("chat", "--set", "served_name=renamed").code == 0
    before = play.identity("chat")
    assert play.run("test", "chat", "--set", "served_name=renamed").code == 0
    assert play.run("test", "chat").code == 1
    assert play.identity("chat") == before


def test_the_log_of_what_failed_is_where_the_message_says(play: Playground) -> None:
    play.profile("dies", die_after=0.2, say="last words").profile("mute", say="I am here", answer_with="/dev/null")
    answer = play.render().run("test", "dies", "--format", "json")
    assert (answer.code, answer.failure["next"]) == (4, "read .mmcompose/logs/dies.log")
    assert "last words" in (play.folder / ".mmcompose/logs/dies.log").read_text()
    answer = play.run("test", "mute", "--format", "json")
    assert (answer.code, answer.failure["event"]) == (4, "failed")
    assert answer.failure["text"] == "mute: the answer was empty"
    assert answer.failure["next"] == "read .mmcompose/logs/mute.log"
    assert "I am here" in (play.folder / ".mmcompose/logs/mute.log").read_text()
    assert play.running() == {}


@pytest.mark.parametrize("term", ["--no-wait", "--detach"])
def test_it_always_waits(play: Playground, term: str) -> None:
    answer = play.profile("chat").render().run("test", "chat", term, "--format", "json")
    assert (answer.code, answer.events[-1]["event"]) == (2, "refused")
    assert play.running() == {}


@pytest.mark.parametrize(
    "how", [SIGNALS[0], *(pytest.param(how, marks=pytest.mark.heavy) for how in SIGNALS[1:])], ids=lambda how: how.name
)
def test_interrupted_while_it_asks_it_takes_down_what_it_started(play: Playground, how: signal.Signals) -> None:
    play.profile("chat", think_seconds=30).render()
    process = play.begin("test", "chat", "--format", "json")
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == "ready":
            break
    time.sleep(0.3)
    process.send_signal(how)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 130, err
    assert json.loads(out.splitlines()[-1]) == {"event": "interrupted", "profile": "chat", "code": 130}
    assert ("keeps running" in err, "chat is down" in err, play.running()) == (False, True, {})


def _hears(pid: int, number: int) -> None:
    """Until the program has begun to listen: before that it is Python that is ended, not mmcompose."""
    for _ in range(3000):
        caught = Path(f"/proc/{pid}/status").read_text().partition("SigCgt:")[2].split()
        if caught and int(caught[0], 16) >> (number - 1) & 1:
            return
        time.sleep(0.1)
    raise AssertionError("it never listened")


@pytest.mark.parametrize(
    "seconds", [0.0, 0.4, *(pytest.param(later, marks=pytest.mark.heavy) for later in (0.1, 0.8, 1.5))]
)
@pytest.mark.parametrize("term", ["test", "up"])
def test_interrupted_at_any_moment_it_says_so_and_what_is_so(play: Playground, term: str, seconds: float) -> None:
    play.profile("slow", load_seconds=300).render()
    process = play.begin(term, "slow", "--format", "json")
    _hears(process.pid, signal.SIGTERM)
    time.sleep(seconds)
    process.terminate()
    out, err = process.communicate(timeout=300)
    assert (process.returncode, json.loads(out.splitlines()[-1])["event"]) == (130, "interrupted"), err
    running = play.running()
    assert term == "up" or running == {}
    assert ("slow keeps running" in err) == (running.get("slow") == "running")


@pytest.mark.parametrize("seconds", [0.5, *(pytest.param(other, marks=pytest.mark.heavy) for other in (0.35, 0.7))])
def test_an_impatient_person_leaves_nothing_behind_either(play: Playground, seconds: float) -> None:
    """Ctrl-C in a terminal reaches Docker's programs too."""
    play.profile("slow", load_seconds=300).render()
    process = subprocess.Popen(
        play.command("test", "slow", "--format", "json"),
        env=play.engine.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _hears(process.pid, signal.SIGTERM)
    for pause in (seconds, 0.1):
        time.sleep(pause)
        os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=300)
    assert (process.returncode, json.loads(out.splitlines()[-1])["event"]) == (130, "interrupted")
    assert (play.running(), play.project.owned("network")) == ({}, [])


@pytest.mark.parametrize("name", ["dies", pytest.param("chat", marks=pytest.mark.heavy)])
def test_a_reader_that_goes_away_changes_nothing(play: Playground, name: str) -> None:
    play.profile("chat").profile("dies", 'restart: "no"', die_after=0.2).render()
    process = play.begin("test", name, "--format", "json")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=300) == (0 if name == "chat" else 4)
    assert process.stderr is not None
    process.stderr.close()
    assert play.running() == {}


@pytest.mark.parametrize(
    ("arguments", "last"),
    [
        (("up", "chat", "--no-wait"), {"event": "done", "profile": "chat", "code": 0}),
        (("up", "chat", "--build-only"), {"event": "done", "profile": "chat", "code": 0}),
        (("test", "chat"), {"event": "done", "profile": "chat", "code": 0}),
        (("up", "nosuch"), {"event": "refused", "code": 2}),
        (("up", "chat", "--nonsense"), {"event": "refused", "code": 2}),
        (("up", "chat", "--timeout", "soon"), {"event": "refused", "code": 2}),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_the_last_event_says_how_it_ended(
    play: Playground, arguments: tuple[str, ...], last: dict[str, object]
) -> None:
    answer = play.profile("chat").render().run(*arguments, "--format", "json")
    assert answer.events[-1] | last == answer.events[-1]
    assert answer.code == last["code"]
    assert [one["event"] for one in answer.events].count(str(last["event"])) == 1


def test_without_docker_it_failed_and_that_is_reported_in_ascii(play: Playground) -> None:
    play.profile("chat").render()
    environment = {**play.engine.environment(), "DOCKER_HOST": "unix:///nowhere/é.sock", "PYTHONIOENCODING": "latin-1"}
    command = play.command("test", "chat", "--format", "json")
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    last = json.loads(done.stdout.decode("ascii").splitlines()[-1])
    assert (done.returncode, last["event"], last["profile"], last["code"]) == (4, "failed", "chat", 4), done
