"""Docker judged from what it answered. The words of failures are the client's own (28.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.deploy.docker.command import Reply
from mmcompose.deploy.doctor import docker_checks as checks
from mmcompose.deploy.doctor.facts import DiskSeen
from tests.deploy.doctor.knowing import GIB, VLLM, docker, known, need

if TYPE_CHECKING:
    from mmcompose.deploy.doctor.finding import Finding

DENIED = (
    "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: "
    'Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.50/version": dial unix /var/run/docker.sock: connect: permission denied'
)
DOWN = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"


def levels(findings: list[Finding]) -> list[str]:
    return [finding.level for finding in findings]


@pytest.mark.parametrize(
    ("answer", "address", "what", "fix"),
    [
        (Reply(None, err="docker: no such program"), "", "not on PATH", "docs.docker.com"),
        (Reply(1, err=DENIED), "unix:///var/run/docker.sock", "may not use Docker's socket", "usermod -aG docker"),
        (Reply(1, err=DOWN), "unix:///var/run/docker.sock", "Is the docker daemon running?", "systemctl start docker"),
        (
            Reply(1, err="error during connect: EOF"),
            "tcp://gpu:2376",
            "no engine answers at tcp://gpu:2376",
            "DOCKER_HOST",
        ),
        (Reply(1, err='context "gpu": context not found: open'), "unix:///x", "context", "docker context use"),
        (Reply(None, err="docker gave no answer in 30 s"), "unix:///x", "gave no answer", "systemctl"),
        (Reply(0, out="{}"), "unix:///x", "no engine answers", "systemctl"),
    ],
)
def test_an_engine_out_of_reach_is_an_error_with_its_fix(answer: Reply, address: str, what: str, fix: str) -> None:
    (finding,) = checks.reachable(known(docker=docker(server="", answer=answer, address=address)))
    assert finding.level == "error"
    assert what in finding.what
    assert fix in finding.fix


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, ["ok"]),
        ({"address": "ssh://gpu"}, ["ok", "note"]),
        ({"address": "tcp://1.2.3.4:2376"}, ["ok", "note"]),
        ({"info": {"OperatingSystem": "Docker Desktop"}}, ["ok", "note"]),
    ],
)
def test_an_engine_elsewhere_is_noted(facts: dict[str, Any], expected: list[str]) -> None:
    assert levels(list(checks.reachable(known(docker=docker(**facts))))) == expected


@pytest.mark.parametrize(
    ("server", "level"),
    [
        ("28.5.2+dfsg4", "ok"),
        ("25.0.0", "ok"),
        ("24.0.9", "note"),
        ("20.10.24+dfsg1", "note"),
        ("19.03.15", "error"),
        ("dev", "note"),
        ("99999999999999999999.1", "ok"),
    ],
)
def test_the_engine_is_new_enough(server: str, level: str) -> None:
    assert levels(list(checks.engine_version(known(docker=docker(server=server))))) == [level]


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (Reply(0, "2.40.3-3\n"), ["ok"]),
        (Reply(0, "v2.23.0"), ["ok"]),
        (Reply(0, "v2.24.6-desktop.1"), ["ok"]),
        (Reply(0, "5.5.0"), ["ok"]),
        (Reply(0, "2.22.0"), ["error"]),
        (Reply(0, "1.29.2"), ["error"]),
        (Reply(1, err="docker: 'compose' is not a docker command."), ["error"]),
        (Reply(0, "no number"), ["error"]),
        (Reply(None, err="docker: no such program"), []),
    ],
)
def test_compose_is_new_enough(printed: Reply, expected: list[str]) -> None:
    assert levels(list(checks.compose_plugin(known(docker=docker(compose=printed))))) == expected


@pytest.mark.parametrize(("built", "expected"), [(True, ["error"]), (False, ["note"])])
def test_buildx_matters_only_to_those_who_build(built: bool, expected: list[str]) -> None:
    seen = docker(buildx=Reply(1, err="docker: unknown command: docker buildx"))
    assert levels(list(checks.buildx_plugin(known(need(built=built), docker=seen)))) == expected


def test_buildx_tells_its_version() -> None:
    (finding,) = checks.buildx_plugin(known(docker=docker(buildx=Reply(0, "github.com/docker/buildx v0.29.1 abc"))))
    assert finding.what == "buildx v0.29.1"


@pytest.mark.parametrize(
    ("free", "images", "level"),
    [
        (100 * GIB, {VLLM: {}}, "ok"),
        (2 * GIB, {VLLM: {}}, "ok"),
        (GIB // 2, {VLLM: {}}, "error"),
        (100 * GIB, {VLLM: None}, "ok"),
        (15 * GIB, {VLLM: None}, "warning"),
        (9 * GIB, {VLLM: None}, "error"),
        (9 * GIB, {"other:1": None}, "warning"),
        (9 * GIB, {}, "ok"),
        (None, {VLLM: None}, "note"),
    ],
)
def test_room_is_judged_by_what_is_still_to_be_pulled(free: int | None, images: dict[str, Any], level: str) -> None:
    wanted = [need(image=image) for image in images]
    assert levels(list(checks.disk(known(*wanted, images=images, disk=DiskSeen("/d", free))))) == [level]


@pytest.mark.parametrize(
    ("free", "there", "level"),
    [(9 * GIB, False, "error"), (15 * GIB, False, "warning"), (60 * GIB, False, "ok"), (9 * GIB, True, "ok")],
)
def test_room_is_judged_by_weights_that_are_still_to_be_loaded_too(free: int, there: bool, level: str) -> None:
    wanted = need(image=VLLM, weights=10 * GIB, volumes=("mm-job-cache",))
    volumes = {"mm-job-cache": None} if there else {}
    facts = known(wanted, images={VLLM: {}}, disk=DiskSeen("/d", free), volumes=volumes)
    (finding,) = checks.disk(facts)
    assert finding.level == level
    assert ("still to be loaded: 10 GiB of weights (chat)" in finding.what) is not there


def test_weights_that_two_services_share_are_loaded_once() -> None:
    pair = [need(name, image=VLLM, weights=10 * GIB, fetched="org/m") for name in ("chat", "other")]
    (finding,) = checks.disk(known(*pair, images={VLLM: {}}, disk=DiskSeen("/d", 60 * GIB)))
    assert "still to be loaded: 10 GiB of weights" in finding.what


@pytest.mark.parametrize(("system", "printed"), [("Darwin", "this is macOS"), ("Windows", "this is Windows")])
def test_off_linux_it_says_what_was_not_judged(system: str, printed: str) -> None:
    (finding,) = checks.system(known(system=system))
    assert printed in finding.what
    assert levels(list(checks.system(known(system="Linux")))) == ["ok"]


def test_the_disk_of_an_engine_elsewhere_is_not_judged() -> None:
    assert list(checks.disk(known(docker=docker(address="ssh://gpu"), disk=DiskSeen("/d", 1)))) == []
