"""A GPU handed over on a real engine: the devices are simulated, everything else is what users have."""

from __future__ import annotations

import signal
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mmcompose.deploy.handover.lock import NAME as LOCK
from tests.bed import gpusim, names
from tests.bed import spare_engine as spare
from tests.bed.project import Project
from tests.deploy.playground import IMAGE, Playground

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.bed.engine import Engine

pytestmark = pytest.mark.docker

ON_0 = "gpu: {count: 1, devices: [0]}\nports: {api: 8000}"
ON_1 = "gpu: {count: 1, devices: [1]}"


@pytest.fixture
def owned(cards: Playground) -> Playground:
    """`first` is up and owns GPU 0; `second` wants it too."""
    cards.profile("first", ON_0).profile("second", ON_0, load_seconds=0.5).profile("beside", ON_1)
    cards.profile("dies", ON_0, die_after=0.3, say="CUDA out of memory").profile("never", ON_0, never_healthy=True)
    cards.profile("slow", ON_0, load_seconds=300).render()
    assert cards.up("first").code == 0
    return cards


def test_up_refuses_what_another_owns_and_shows_the_plan(owned: Playground) -> None:
    before = owned.identity("first")
    answer = owned.up("second")
    assert answer.code == 1
    assert "stop   first: it owns GPU 0" in answer.failure["text"]
    assert "up second --format json --timeout 300 --take` carries it out" in answer.failure["text"]
    assert (owned.running(), owned.identity("first")) == ({"first": "running"}, before)


def test_a_profile_on_another_gpu_comes_up_beside_it_and_each_gets_the_devices_of_its_file(owned: Playground) -> None:
    assert owned.up("beside").code == 0
    assert owned.running() == {"first": "running", "beside": "running"}
    assert gpusim.requested(owned.engine, f"{owned.name}-first")["visible"] == "0"
    assert gpusim.requested(owned.engine, f"{owned.name}-beside")["visible"] == "1"


@pytest.mark.parametrize(
    "arguments", [("switch", "second"), pytest.param(("up", "second", "--take"), marks=pytest.mark.heavy)], ids=" ".join
)
def test_the_gpu_is_handed_over(owned: Playground, arguments: tuple[str, ...]) -> None:
    answer = owned.run(*arguments, "--format", "json")
    assert answer.code == 0, answer
    plan = next(event["lines"] for event in answer.events if event["event"] == "plan")
    assert plan[0] == "stop   first: it owns GPU 0; it publishes port 8000"
    assert answer.phases() == ["stop", "create", "run", "port", "health", "model", "token"]
    assert owned.running() == {"second": "running"}
    assert gpusim.requested(owned.engine, f"{owned.name}-second")["visible"] == "0"


@pytest.mark.parametrize(
    ("rival", "cause", "timeout"),
    [("dies", "gpu-memory", 60), pytest.param("never", "not-ready", 3, marks=pytest.mark.heavy)],
    ids=["dies", "never healthy"],
)
def test_the_former_owner_is_brought_back_when_the_new_one_fails(
    owned: Playground, rival: str, cause: str, timeout: float
) -> None:
    before = owned.identity("first").split()[0]
    answer = owned.switch(rival, timeout=timeout)
    assert (answer.code, answer.failure["cause"]) == (4, cause)
    assert answer.failure["after"] == ["first was stopped for it, and is back"]
    assert owned.running() == {"first": "running"}
    assert owned.identity("first").split()[0] == before, "the very same container"
    assert owned.run("test", "first").code == 0, "and it answers"


@pytest.mark.heavy
def test_a_test_stops_others_only_when_it_may_and_then_leaves_them_down(owned: Playground) -> None:
    answer = owned.run("test", "second", "--format", "json")
    assert (answer.code, "test second --format json --take` carries it out" in answer.failure["text"]) == (1, True)
    assert owned.running() == {"first": "running"}
    assert owned.run("test", "dies", "--take").code == 4
    assert owned.running() == {"first": "running"}, "brought back when it fails"
    assert owned.run("test", "second", "--take").code == 0
    assert owned.running() == {}


@pytest.mark.heavy
def test_a_test_that_is_refused_leaves_what_the_other_is_bringing_up(owned: Playground) -> None:
    other = owned.begin("switch", "slow")
    _wait_for(lambda: owned.running().get("slow") == "running")
    answer = owned.run("test", "slow", "--take")
    assert (answer.code, "another command is handing over a GPU" in answer.err) == (1, True), answer
    assert owned.running()["slow"] == "running"
    other.terminate()
    other.communicate(timeout=300)


@pytest.mark.heavy
def test_of_two_switches_at_once_one_wins_and_the_other_is_reported(owned: Playground) -> None:
    """The slow one holds the lock for a while, so whoever comes second finds it taken."""
    both = [owned.begin("switch", name) for name in ("slow", "slow")]
    _wait_for(lambda: any(process.poll() is not None for process in both))
    loser, winner = sorted(both, key=lambda process: process.poll() is None)
    _, printed = loser.communicate(timeout=300)
    assert (loser.returncode, "another command is handing over a GPU: switch from first to slow" in printed) == (
        1,
        True,
    ), printed
    assert winner.poll() is None, "the other one goes on"
    winner.send_signal(signal.SIGTERM)
    winner.communicate(timeout=300)
    assert owned.running() == {"first": "running"}, "never two engines on one GPU, and never none"
    assert LOCK not in owned.engine.docker("ps", "--all", "--format", "{{.Names}}")


@pytest.mark.parametrize("how", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.heavy)])
def test_an_interrupted_switch_brings_the_owner_back(owned: Playground, how: signal.Signals) -> None:
    process = owned.begin("switch", "slow")
    _wait_for(lambda: owned.running().get("slow") == "running")
    process.send_signal(how)
    _, printed = process.communicate(timeout=300)
    assert process.returncode == 130, printed
    assert "first was stopped for it, and is back" in printed
    assert owned.running() == {"first": "running"}


@pytest.mark.heavy
def test_a_killed_switch_leaves_a_lock_that_is_reported_and_taken_over(owned: Playground) -> None:
    process = owned.begin("switch", "slow")
    _wait_for(lambda: owned.running().get("slow") == "running")
    process.kill()
    process.communicate(timeout=300)
    assert "switch from first to slow" in owned.run("status").err
    answer = owned.switch("first")
    assert answer.code == 0, answer
    notes = [event["text"] for event in answer.events if event["event"] == "note"]
    assert any("took over a lock that was left behind (its process is gone)" in note for note in notes)
    assert owned.running() == {"first": "running"}


@pytest.mark.heavy
@pytest.mark.parametrize(("rival", "left"), [("second", "second"), ("dies", "first")])
def test_what_measures_the_owner_goes_with_it_and_is_not_missed(owned: Playground, rival: str, left: str) -> None:
    """Such a container removes itself when it is stopped."""
    marks = {"project": owned.name, "profile": "first", "service": "first", "role": "bench"}
    labels = [term for name, value in marks.items() for term in ("--label", f"mmcompose.{name}={value}")]
    labels += ["--label", f"com.docker.compose.project={owned.name}"]
    owned.engine.docker("run", "--rm", "--init", "--detach", *labels, IMAGE, "sleep", "60")
    answer = owned.switch(rival)
    assert answer.failure.get("after", ["first was stopped for it, and is back"]) == [
        "first was stopped for it, and is back"
    ]
    assert owned.running() == {left: "running"}


@pytest.mark.heavy
def test_nobody_is_stopped_for_a_profile_whose_port_a_stranger_holds(owned: Playground, base_image: str) -> None:
    owned.profile("ported", f"gpu: {{count: 1, devices: [0]}}\nports: {{api: {owned.port + 5}}}").render()
    before = owned.identity("first")
    label = f"com.docker.compose.project={owned.name}"
    publish = f"127.0.0.1:{owned.port + 5}:80"
    owned.engine.docker("run", "--detach", "--label", label, "--publish", publish, IMAGE, "sleep", "60")
    answer = owned.switch("ported")
    assert (answer.code, answer.failure["cause"]) == (4, "port-taken")
    assert owned.identity("first") == before


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("secrets: {api-key: {file: secrets/none, path_env: KEY}}", "secrets/none is not on this machine"),
        pytest.param("weights: {path: models/none}", "models/none is not on this machine", marks=pytest.mark.heavy),
        pytest.param(
            "weights: {path: profiles, file: none.gguf}",
            "profiles/none.gguf is not on this machine",
            marks=pytest.mark.heavy,
        ),
    ],
    ids=["secret", "model", "file of a model"],
)
def test_nobody_is_stopped_for_a_profile_that_lacks_a_file(owned: Playground, text: str, printed: str) -> None:
    owned.profile("lacking", f"{ON_0}\n{text}").render()
    before = owned.identity("first")
    answer = owned.switch("lacking")
    assert (answer.code, answer.failure["cause"], printed in answer.failure["text"]) == (4, "mount-missing", True), (
        answer
    )
    assert "profiles/lacking.yaml:" in answer.failure["next"]
    assert owned.identity("first") == before


def test_owners_that_plain_compose_started_are_owners_too(cards: Playground) -> None:
    cards.profile("first", ON_0).profile("second", ON_0).render()
    folder = cards.folder
    cards.engine.docker("compose", "-f", folder / "compose/first.yaml", "up", "--detach")
    assert "started by docker compose, as project" in cards.up("second").failure["text"]
    assert cards.switch("second").code == 0
    assert cards.running() == {"second": "running"}


@pytest.mark.heavy
def test_a_gpu_that_another_project_holds_is_not_free(owned: Playground, play_on: Callable[..., Playground]) -> None:
    other = play_on(owned.engine, "cards")
    other.profile("mine", "gpu: {count: 1, devices: [0]}").render()
    answer = other.up("mine")
    assert f"{owned.name}/first: it owns GPU 0" in answer.failure["text"]
    assert other.switch("mine").code == 0
    assert (owned.running(), other.running()) == ({}, {"mine": "running"})


@pytest.mark.heavy
def test_when_docker_dies_in_between_it_is_reported_and_the_next_switch_mends_it(
    spare_engine: Engine, python_image: str, shared_image: Callable[[str, Engine], str], mortal: Project
) -> None:
    shared_image(python_image, spare_engine)
    play = Playground(mortal, 8000).set_up()
    heavy = "resources: {memory: 10g}\nports: {api: 8000}"
    play.profile("first", heavy).profile("slow", heavy, load_seconds=20).render()
    try:
        assert play.up("first").code == 0
        process = play.begin("switch", "slow")
        _wait_for(lambda: play.running().get("slow") == "running")
        spare.kill()
        _, printed = process.communicate(timeout=300)
        assert process.returncode == 4, printed
        assert "Docker does not answer" in printed
        assert "not brought back" in printed
    finally:
        # In a new network namespace, so everything goes on with the engine that comes back.
        play = Playground(replace(mortal, engine=spare.ensure()), 8000)
    answer = play.switch("first")
    assert answer.code == 0, answer
    assert play.running()["first"] == "running"
    assert play.run("test", "first").code == 0


@pytest.fixture
def mortal(spare_engine: Engine) -> Iterator[Project]:
    """A project on an engine that will be killed; what is left is removed from the one that comes back."""
    folder = Path(tempfile.mkdtemp(prefix="mmcompose-test-"))
    folder.chmod(0o755)
    made = names.note(Project(spare_engine, names.new(), folder))
    yield made
    again = spare.ensure()
    names.end(replace(made, engine=again))
    again.docker("rm", "--force", LOCK)


def _wait_for(so: Callable[[], bool]) -> None:
    for _ in range(3000):
        if so():
            return
        time.sleep(0.1)
    raise AssertionError("it never came to be so")
