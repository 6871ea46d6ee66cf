"""How often a container died, with which code, and how much memory it had: numbers that are true."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import Mock

import pytest

from mmcompose.deploy.docker import memory
from mmcompose.deploy.docker.engine import End
from mmcompose.deploy.ready.awaited import Awaited, Deaths, evidence
from mmcompose.deploy.wanted import WantedProfile
from tests.deploy.containers import container

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_only_restarts_since_the_wait_began_count() -> None:
    known = Deaths({"c1": 2})
    known.see(container(restarts=2))
    assert known.restarts == 0
    known.see(container(restarts=4))
    assert known.restarts == 2


def test_a_count_that_docker_began_anew_is_never_less_than_nothing() -> None:
    known = Deaths({"c1": 3})
    for restarts, since in ((3, 0), (0, 0), (1, 1), (3, 3)):
        known.see(container(restarts=restarts))
        assert known.restarts == since


def test_another_container_has_a_count_of_its_own() -> None:
    known = Deaths({"c1": 3})
    known.see(container(restarts=4, status="restarting", exit_code=7))
    known.see(container(id="c2", restarts=1))
    assert (known.restarts, known.code) == (1, None)


def test_the_exit_code_is_that_of_its_death_while_it_runs_again() -> None:
    known = Deaths()
    known.see(container(status="running", exit_code=0))
    assert known.code is None
    known.see(container(status="restarting", exit_code=1, restarts=1))
    known.see(container(status="running", exit_code=0, restarts=1))
    known.see(None)
    assert known.code == 1


class Remembers:
    """A Docker that knows how containers ended, and counts how often it is asked."""

    def __init__(self) -> None:
        self.times = 0

    def last_end(self, _: str) -> End:
        self.times += 1
        return End(137, killed=False)

    def logs(self, _: str, **__: object) -> Iterator[str]:
        return iter(())


def test_docker_is_questioned_once_for_each_end_that_nobody_saw() -> None:
    docker, awaited = Remembers(), Awaited(cast("Any", Mock(service="chat", image="image")))
    times = []
    for restarts in (0, 1, 1, 2, 2):
        awaited.container = container(restarts=restarts)
        awaited.deaths.see(awaited.container)
        found = evidence(cast("Any", docker), WantedProfile("mm", "chat", "cpu", ()), awaited, str, 1.0)
        times.append((docker.times, found.exit_code))
    assert times == [(0, None), (1, 137), (1, 137), (2, 137), (2, 137)]


GROUPS = {
    "version 2": ("0::/system.slice/docker-c1.scope", "system.slice/docker-c1.scope/memory.peak"),
    "version 1": (
        "5:devices:/docker/c1\n4:memory:/docker/c1\n0::/docker/c1",
        "memory/docker/c1/memory.max_usage_in_bytes",
    ),
    "an older kernel": ("0::/docker/c1", "docker/c1/memory.current"),
}


@pytest.mark.parametrize(("lines", "file"), GROUPS.values(), ids=GROUPS)
def test_the_kernel_tells_how_much_memory_it_had(tmp_path: Path, lines: str, file: str) -> None:
    (tmp_path / "proc/77").mkdir(parents=True)
    (tmp_path / "proc/77/cgroup").write_text(lines + "\n")
    (tmp_path / "tree" / file).parent.mkdir(parents=True)
    (tmp_path / "tree" / file).write_text("268435456\n")
    places = {"proc": tmp_path / "proc", "tree": tmp_path / "tree"}
    assert memory.peak(container(pid=77), **places) == 268435456
    assert memory.peak(container(pid=77, id="of another machine"), **places) == 0
    assert memory.peak(container(pid=78), **places) == 0
    assert memory.peak(container(), **places) == 0
