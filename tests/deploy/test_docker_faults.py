"""What goes wrong with containers for real: numbers that are told of it are true, and nothing good is lost to it."""

from __future__ import annotations

import json
import re
import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.deploy.playground import BACKEND

if TYPE_CHECKING:
    from tests.deploy.playground import Playground

STANDIN = "{source: standin.py, target: /app/standin.py}"

pytestmark = pytest.mark.docker


@pytest.mark.heavy
def test_restarts_are_counted_right_however_often_it_is_tried(play: Playground) -> None:
    play.profile("chat", say="a line", die_after=0.1, code=3).render()
    for _ in range(3):
        text = play.up("chat").failure["text"]
        reported = re.search(r"\((\d+) restarts, exit code (\d+)", text)
        assert reported, text
        assert (int(reported[1]) >= 3, reported[2]) == (True, "3"), text


@pytest.mark.heavy
def test_a_death_by_the_kernel_names_the_limit_and_a_number(play: Playground) -> None:
    failure = play.profile("chat", "resources: {memory: 64m}", eat=200).render().up("chat").failure
    assert failure["cause"] == "host-memory"
    assert "64" in failure["text"]
    number = re.search(r"--set resources\.memory=(\d+)([mg])", failure["next"])
    assert number, failure
    assert int(number[1]) * {"m": 1, "g": 1024}[number[2]] > 64


@pytest.mark.heavy
def test_what_served_before_comes_back_when_other_values_fail(play: Playground) -> None:
    play.profile("chat", say="first").render()
    assert play.up("chat").code == 0
    answer = play.up("chat", "--set", "args.refuse=400")
    assert (answer.code, answer.failure["cause"]) == (4, "engine-refused"), answer
    assert any("is back with its former values" in line for line in answer.failure["after"]), answer
    assert play.running() == {"chat": "running"}
    assert play.run("test", "chat").code == 0
    assert "started with values" not in play.run("status").err
    # The same where the former values were of a command line themselves.
    assert play.up("chat", "--set", "args.say=second").code == 0
    assert play.up("chat", "--set", "args.refuse=400").code == 4
    arguments = play.engine.docker("inspect", "--format", "{{json .Config.Cmd}}", f"{play.name}-chat")
    assert "second" in json.loads(arguments)


@pytest.mark.heavy
def test_what_served_before_comes_back_when_the_values_that_were_committed_since_fail(play: Playground) -> None:
    play.profile("chat", say="first").render()
    assert play.up("chat").code == 0
    # Also another way of asking: what ran before is not asked in that way.
    backend = play.folder / "profiles/backends/standin.yaml"
    backend.write_text(BACKEND.replace("health: /health", "health: /nowhere"))
    play.profile("chat", say="second", die_after=0.1).render()
    answer = play.up("chat")
    assert answer.code == 4, answer
    assert any("is back with its former values" in line for line in answer.failure["after"]), answer
    arguments = play.engine.docker("inspect", "--format", "{{json .Config.Cmd}}", f"{play.name}-chat")
    assert "first" in json.loads(arguments)
    assert "chat: runs with its former values" in play.run("status").err
    backend.write_text(BACKEND)
    play.profile("chat", say="third").render()
    assert play.up("chat").code == 0


def test_a_model_that_stops_answering_is_not_called_ready(play: Playground) -> None:
    """It still says that it is well and lists its model."""
    play.profile("chat", f"mounts: [{STANDIN}, {{source: mood, target: /mood}}]", refuse_from="/mood/refuse").render()
    (play.folder / "mood").mkdir()
    assert play.up("chat").code == 0
    assert json.loads(play.run("status", "--format", "json").out)[0]["phase"] == "ready"
    (play.folder / "mood/refuse").write_text("418")
    row = json.loads(play.run("status", "--format", "json").out)[0]
    assert (row["phase"], "I would rather not" in row["notes"][0]) == ("token", True), row
    (play.folder / "mood/refuse").unlink()
    assert json.loads(play.run("status", "--format", "json").out)[0]["phase"] == "ready"


@pytest.mark.heavy
def test_kept_files_are_reported_and_nothing_else(play: Playground) -> None:
    play.profile("chat").render()
    assert play.up("chat").code == 0
    before = play.identity("chat")
    assert "keep   chat" in play.run("up", "chat").err
    assert play.identity("chat") == before
    network = play.engine.docker("inspect", "--format", "{{.HostConfig.NetworkMode}}", f"{play.name}-chat").strip()
    play.engine.docker("network", "disconnect", "--force", network, f"{play.name}-chat")
    play.engine.docker("network", "rm", network)
    answer = play.run("up", "chat")
    assert (answer.code, "keep   chat" in answer.err, "start  chat" in answer.err) == (0, False, True), answer
    assert play.identity("chat") != before


def test_a_start_that_docker_refuses_leaves_nothing_behind(play: Playground) -> None:
    play.profile("other", "security: {user: '1000:1000'}\nresources: {ulimits: {nofile: 99999999999}}").render()
    answer = play.up("other")
    assert answer.code == 4, answer
    assert play.running() == {}
    assert play.project.owned("network") == []


@pytest.mark.heavy
def test_a_down_beside_an_up_takes_no_network_from_it(play: Playground) -> None:
    play.profile("chat").render()
    for _ in range(4):
        process = play.begin("up", "chat", "--no-wait")
        while process.poll() is None:
            play.run("down", "chat")
        _, printed = process.communicate(timeout=300)
        assert "not found" not in printed, printed
        play.run("down", "chat")


@pytest.mark.heavy
def test_a_killed_up_leaves_nothing_that_down_does_not_clear(play: Playground) -> None:
    play.profile("chat", load_seconds=60).render()
    process = play.begin("switch", "chat")
    while play.running() != {"chat": "running"}:
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    play.run("down", "chat")
    assert "hand-over" not in play.run("status").err


@pytest.mark.heavy
def test_status_tells_of_restarts_and_of_a_model_that_fails(play: Playground) -> None:
    play.profile("loop", die_after=2).profile("dumb", refuse=400).render()
    assert play.up("dumb").code == 4
    assert play.up("loop", "--no-wait").code == 0
    rows = {}
    for _ in range(100):
        rows = {row["profile"]: row for row in json.loads(play.run("status", "--format", "json").out)}
        if rows["loop"]["restarts"]:
            break
        time.sleep(0.3)
    assert rows["loop"]["restarts"] >= 1
    assert rows["dumb"]["phase"] == "token"
    assert "answered 400" in rows["dumb"]["notes"][0]
    assert "restarted" in play.run("status").out
