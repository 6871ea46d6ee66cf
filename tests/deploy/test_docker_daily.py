"""What is done with profiles all day: several at once, restarted, their images fetched, taken down, asked by hand."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.deploy.playground import Playground

pytestmark = pytest.mark.docker


def test_several_profiles_come_up_and_are_restarted_and_go_by_one_command_each(play: Playground) -> None:
    play.profile("chat").profile("other").render()
    answer = play.run("up", "chat", "other")
    assert answer.code == 0, answer.err
    assert [line.split(" ")[0] for line in answer.out.splitlines()] == ["chat", "other"]
    before = {name: play.identity(name).split(" ") for name in ("chat", "other")}

    again = play.run("restart", "chat", "other")
    assert again.code == 0, again.err
    assert [line.partition(" after ")[0] for line in again.out.splitlines()] == ["chat is ready", "other is ready"]
    for name, (container, started) in before.items():
        now = play.identity(name).split(" ")
        assert now[0] == container, "it is the same container"
        assert now[1] != started, "and it was started once more"

    requested = play.run("down")
    assert requested.code == 2
    everything = f"`mmcompose -C {play.folder} stop-all` takes down everything"
    assert f"name a profile to take down: chat, other; {everything}" in requested.err
    assert play.run("down", "chat", "other").code == 0
    assert play.running() == {}
    assert "there is nothing to take down" in play.run("down").err


@pytest.mark.heavy
def test_down_asks_on_a_terminal_which_of_those_that_are_up(play: Playground) -> None:
    play.profile("chat").profile("other").render()
    assert play.run("up", "chat", "other").code == 0
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "wb", buffering=0) as typing:
        typing.write(b"other\n")
        done = subprocess.run(
            play.command("down"),
            env=play.engine.environment(),
            stdin=theirs,
            capture_output=True,
            text=True,
            check=False,
        )
    os.close(theirs)
    assert done.returncode == 0, done.stderr
    assert "Which to take down (chat, other, or all): " in done.stderr
    assert list(play.running()) == ["chat"]


def test_what_is_not_up_cannot_be_restarted(play: Playground) -> None:
    play.profile("chat").render()
    answer = play.run("restart", "chat")
    assert answer.code == 1
    assert f"chat is not up, so there is nothing to restart: mmcompose -C {play.folder} up chat" in answer.err


@pytest.mark.heavy
def test_an_engine_that_does_not_come_back_is_reported_with_its_cause(play: Playground) -> None:
    play.profile("chat").render()
    assert play.up("chat").code == 0
    (play.folder / "standin.py").write_text("raise SystemExit('no such thing')\n")
    answer = play.run("restart", "chat", "--timeout", "60")
    assert answer.code == 4
    assert "chat did not come up: " in answer.err


def test_pull_has_the_images_and_starts_nothing(play: Playground) -> None:
    play.profile("chat").profile("other").render()
    answer = play.run("pull", "chat", "other")
    assert answer.code == 0, answer.err
    assert "chat: nothing to fetch or build" in answer.err
    assert play.running() == {}


def test_ready_comes_with_a_base_url_and_a_line_that_asks_the_model_when_it_is_pasted(play: Playground) -> None:
    play.profile("chat").render()
    printed = play.run("up", "chat").err
    assert "base URL http://127.0.0.1:" in printed
    assert "/v1, model stand-in" in printed
    paste = next(line.partition("try: ")[2] for line in printed.splitlines() if "try: " in line)
    done = subprocess.run(
        [*play.engine.inside, "sh", "-c", paste], cwd=play.folder, capture_output=True, text=True, check=False
    )
    assert '"choices"' in done.stdout, done


def test_status_names_what_mmcompose_brought_up_though_plain_compose_made_it(
    play: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    play.profile("chat").render()
    monkeypatch.chdir(play.folder)
    play.engine.docker("compose", "--profile", "chat", "up", "-d")
    play.engine.docker("compose", "--profile", "chat", "stop")
    assert play.up("chat").code == 0
    row = next(one for one in json.loads(play.run("status", "--format", "json").out) if one["project"] == play.name)
    assert row["started_by"] == "mmcompose"
    assert row["models"] == ["stand-in"]
    assert [url.endswith("/v1") for url in row["urls"]] == [True]
    assert row["memory_limit"] == 128 << 20
    assert 0 < row["memory"] < row["memory_limit"]


def test_status_goes_on_until_somebody_has_seen_enough(play: Playground) -> None:
    play.profile("chat").render()
    watching = play.begin("status", "--watch")
    assert watching.stdout
    tables = 0
    while tables < 2:
        tables += "PROFILE" in watching.stdout.readline()
    watching.send_signal(signal.SIGINT)
    assert watching.communicate(timeout=300)[1].count("interrupted") == 1
    assert watching.returncode == 130


@pytest.mark.heavy
def test_logs_of_all_that_is_up_say_whose_they_are_and_where_a_restart_lies(play: Playground) -> None:
    play.profile("chat").profile("other").profile("third").render()
    assert play.run("up", "chat", "other").code == 0
    assert play.run("restart", "chat").code == 0
    lines = play.run("logs").out.splitlines()
    assert {line.partition(" | ")[0].rstrip() for line in lines} == {"chat", "other"}
    reported = [line for line in lines if " | --- " in line]
    assert len(reported) == 1
    # Docker may have forgotten the exit code: of all that happens on an engine it keeps the last 256 events.
    assert reported[0].startswith("chat  | --- ended ")
    assert reported[0].endswith(", and began again ---")
    assert play.run("logs", "chat", "third").code == 1
    assert play.run("logs", "chat", "--since", "1s", "-n", "0").out == ""
    wrong = play.run("logs", "--since", "1d")
    assert wrong.code == 2
    assert "--since '1d': write a span such as 10m" in wrong.err
    assert play.run("down", "chat", "other").code == 0
    assert "nothing is up" in play.run("logs").err


def test_an_image_that_cannot_be_pulled_is_reported_as_such_by_pull_which_starts_nothing(play: Playground) -> None:
    play.profile("chat", "image: registry.invalid/nobody/nothing:1.0.0\n").render()
    answer = play.run("pull", "chat")
    assert answer.code == 4
    assert "\nerror: chat lacks an image: image registry.invalid/nobody/nothing:1.0.0 could not be pulled" in answer.err
    assert "did not come up" not in answer.err
