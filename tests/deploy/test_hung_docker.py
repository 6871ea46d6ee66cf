"""A Docker daemon that takes every question and answers none: Docker's own program, and a socket of the test's own."""

from __future__ import annotations

import signal
import socket
import threading
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest

from mmcompose.deploy.docker import program
from mmcompose.deploy.docker.program import EngineError
from mmcompose.deploy.docker.pulse import Pulse
from tests.deploy.test_program import python

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from _pytest.mark.structures import ParameterSet

    from tests.deploy.playground import Playground

AT_ONCE, SOON, LATE = 25.0, 40.0, 60.0
"""Seconds. What is tested takes 3 and 12; the last is how long a question may take of a daemon that lives."""


class Deaf:
    """`heard` is set when somebody has asked."""

    def __init__(self, place: Path) -> None:
        self.received = threading.Event()
        self._visitors: list[socket.socket] = []
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(place))
        self._listening.listen(50)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                self._visitors.append(self._listening.accept()[0])
                self.received.set()

    def close(self) -> None:
        for one in (self._listening, *self._visitors):
            one.close()


@pytest.fixture
def deaf(play: Playground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deaf]:
    play.profile("chat").render()
    with closing(Deaf(tmp_path / "d.sock")) as daemon:
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/d.sock")
        yield daemon


def heavy(*values: object) -> ParameterSet:
    return pytest.param(*values, marks=pytest.mark.heavy)


LONG = ("status", "switch chat", "down chat", "test chat", "bench run chat sanity")


@pytest.mark.docker
@pytest.mark.usefixtures("deaf")
@pytest.mark.parametrize("arguments", ["up chat", *map(heavy, LONG)])
def test_every_command_soon_says_that_docker_does_not_answer(play: Playground, arguments: str) -> None:
    began = time.monotonic()
    answer = play.run(*arguments.split())
    assert time.monotonic() - began < SOON
    assert (answer.code, answer.err.count("Docker does not answer")) == (4, 1), answer


@pytest.mark.docker
@pytest.mark.usefixtures("deaf")
def test_the_doctor_does_not_advise_to_start_what_runs(play: Playground) -> None:
    answer = play.run("doctor", "chat")
    assert "Docker runs and does not answer at unix://" in answer.out
    assert "systemctl restart docker" in answer.out
    assert "systemctl start docker" not in answer.out


@pytest.mark.docker
@pytest.mark.parametrize("how", [signal.SIGINT, *map(heavy, (signal.SIGTERM, signal.SIGHUP))], ids=lambda one: one.name)
@pytest.mark.parametrize("arguments", ["up chat", heavy("switch chat"), "status", heavy("doctor chat")])
def test_an_interruption_ends_it_at_once_and_is_reported_once(
    play: Playground, deaf: Deaf, arguments: str, how: signal.Signals
) -> None:
    process = play.begin(*arguments.split())
    assert deaf.received.wait(60)
    began = time.monotonic()
    process.send_signal(how)
    _, printed = process.communicate(timeout=LATE)
    assert time.monotonic() - began < AT_ONCE
    assert (process.returncode, printed.count("interrupted"), len(printed.splitlines())) == (130, 1, 1), printed


def watch(*, alive: bool) -> tuple[program.LivenessWatch, list[str]]:
    reported: list[str] = []

    def ask() -> bool:
        reported.append("asked")
        return alive

    return program.LivenessWatch(ask, lambda: reported.append("doubt"), 0.2), reported


def test_a_long_question_is_waited_for_while_the_daemon_lives() -> None:
    living, reported = watch(alive=True)
    answer = program.run(python("import time; print('half', flush=True); time.sleep(1); print('whole')"), LATE, living)
    assert answer == "half\nwhole"
    assert reported[0] == "asked"


def test_and_not_when_it_is_seen_to_be_dead() -> None:
    dead, reported = watch(alive=False)
    began = time.monotonic()
    with pytest.raises(EngineError, match="gave no answer in") as failed:
        program.run(python("import time; time.sleep(300)"), 300, dead)
    assert (failed.value.code, reported) == (program.LATE, ["asked"])
    assert time.monotonic() - began < SOON


def test_what_was_broken_off_is_a_reason_to_look_first() -> None:
    answers = [False, True]
    requested: list[float] = []
    clock = [0.0]

    def ask(patience: float) -> bool:
        requested.append(patience)
        return answers.pop(0)

    pulse = Pulse(ask, lambda: clock[0])
    assert not pulse.gone(2)
    assert requested == []
    pulse.doubt()
    assert pulse.gone(2)
    assert pulse.gone(2), "what was seen a moment ago is believed"
    assert requested == [2]
    clock[0] = 60.0
    assert not pulse.gone(2)
    assert not pulse.gone(2)
    assert requested == [2, 2]
