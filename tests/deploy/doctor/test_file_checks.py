"""Secrets, mounts, ports and volumes judged from facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.deploy.docker.command import Reply
from mmcompose.deploy.doctor import file_checks as checks
from mmcompose.deploy.doctor import project_checks
from mmcompose.deploy.doctor.facts import FileSeen, FolderEntry, RenderState
from mmcompose.deploy.doctor.needs import MountedPath, NeededSecret
from tests.deploy.doctor.knowing import NVIDIA_HOST, docker, known, need

if TYPE_CHECKING:
    from mmcompose.deploy.doctor.finding import Finding

TOKEN = "secrets/hf-token"
OWN: dict[str, Any] = {"uid": 1000, "gid": 1000, "mode": 0o400}


def printed(findings: Any) -> list[str]:
    return [finding.level for finding in findings]


def secret(seen: FileSeen | None, who: dict[str, Any] | None = None, **facts: Any) -> list[Finding]:
    by_name = need(secrets=(NeededSecret("token", TOKEN),), **(who or {}))
    return list(checks.secrets(known(by_name, files={TOKEN: seen} if seen else {}, **facts)))


@pytest.mark.parametrize(
    ("seen", "levels", "arguments"),
    [
        (FileSeen(**OWN, ignored=True), ["ok"], "1 secret file"),
        (FileSeen(**OWN, ignored=None), ["ok"], ""),
        (FileSeen("missing"), ["error"], "does not exist"),
        (FileSeen("folder"), ["error"], "is a folder"),
        (FileSeen("other"), ["error"], "is not a file"),
        (FileSeen("unseen"), ["note"], "could not be looked at"),
        (None, ["note"], "could not be looked at"),
        (
            FileSeen(uid=0, gid=0, mode=0o600),
            ["error"],
            "cannot be read by uid 1000 of the container (owner 0:0, mode 600)",
        ),
        (FileSeen(uid=0, gid=1000, mode=0o640), ["ok"], ""),
        (FileSeen(uid=0, gid=0, mode=0o644), ["warning"], "can be read by everybody"),
        (FileSeen(uid=1000, gid=0, mode=0o044), ["error", "warning"], "cannot be read"),
        (FileSeen(**OWN, size=0), ["warning"], "is empty"),
        (FileSeen(**OWN, tracked=True, ignored=False), ["error"], "is in git"),
        (FileSeen(**OWN, ignored=False), ["warning"], "not ignored by git"),
    ],
)
def test_a_secret(seen: FileSeen | None, levels: list[str], arguments: str) -> None:
    found = secret(seen)
    assert printed(found) == levels
    assert arguments in found[0].what


@pytest.mark.parametrize(
    ("who", "level"),
    [
        ({"uid": 0, "gid": 0, "overrides_permissions": True}, "ok"),
        ({"uid": 0, "gid": 0, "overrides_permissions": False}, "error"),
        ({"groups": (1234,)}, "error"),
        ({"groups": (4321,)}, "ok"),
    ],
    ids=["root with capabilities", "root without", "another group", "the group"],
)
def test_who_may_read_a_file_of_somebody_else(who: dict[str, Any], level: str) -> None:
    assert printed(secret(FileSeen(uid=7, gid=4321, mode=0o440), who)) == [level]


def test_where_docker_maps_users_readers_are_not_judged() -> None:
    rootless = docker(info={"SecurityOptions": ["name=seccomp,profile=builtin", "name=rootless"]})
    assert printed(secret(FileSeen(uid=0, gid=0, mode=0o600), docker=rootless)) == ["note"]


def test_secrets_of_a_profile_for_another_machine_matter_only_when_it_is_requested() -> None:
    there = need("ocr", NVIDIA_HOST, secrets=(NeededSecret("token", TOKEN),))
    assert printed(checks.secrets(known(there, files={TOKEN: FileSeen("missing")}))) == []
    assert printed(checks.secrets(known(there, files={TOKEN: FileSeen("missing")}, by_name=True))) == ["error"]


FOLDER: dict[str, Any] = {"kind": "folder", "uid": 1000, "gid": 1000, "mode": 0o755}


@pytest.mark.parametrize(
    ("seen", "read_only", "levels", "arguments"),
    [
        (FileSeen(**FOLDER), True, ["ok"], "1 model or mounted path there"),
        (FileSeen(**FOLDER), False, ["ok"], ""),
        (FileSeen("missing"), True, ["error"], "does not exist"),
        (FileSeen("unseen"), True, ["note"], "could not be looked at"),
        (FileSeen("folder", 0, 0, 0o700), True, ["error"], "cannot be read by uid 1000"),
        (FileSeen("folder", 0, 0, 0o744), True, ["error"], "cannot be read by uid 1000"),
        (FileSeen("folder", 0, 0, 0o755), False, ["error"], "is mounted for writing, and uid 1000 may not"),
        (FileSeen("file", 0, 0, 0o644), True, ["ok"], ""),
        (FileSeen("file", 0, 0, 0o600), True, ["error"], "cannot be read"),
        (
            FileSeen(
                **FOLDER,
                inside=(
                    FolderEntry("a", 0, 0, 0o600),
                    FolderEntry("b", 0, 0, 0o644),
                    FolderEntry("c", 0, 0, 0o644, True),
                ),
            ),
            True,
            ["error"],
            "2 paths inside cannot be read by uid 1000, such as a",
        ),
        (
            FileSeen(**FOLDER, inside=(FolderEntry("model.safetensors", 0, 0, 0o777, leads_out=True),)),
            True,
            ["warning"],
            "1 link out of the folder",
        ),
    ],
)
def test_a_mounted_path(seen: FileSeen, read_only: bool, levels: list[str], arguments: str) -> None:
    by_name = need(sources=(MountedPath("/models/x", read_only),))
    found = list(checks.mounts(known(by_name, files={"/models/x": seen})))
    assert printed(found) == levels
    assert arguments in found[0].what


def test_selinux_is_mentioned_beside_mounts() -> None:
    seen = docker(info={"SecurityOptions": ["name=selinux"]})
    by_name = need(sources=(MountedPath("/models/x"),))
    assert printed(checks.mounts(known(by_name, files={"/models/x": FileSeen(**FOLDER)}, docker=seen))) == [
        "ok",
        "note",
    ]


@pytest.mark.parametrize(
    ("held", "levels", "arguments"),
    [
        ({}, ["ok"], "1 port free"),
        ({8080: "container mm-chat"}, ["ok"], ""),
        ({8080: "container mm-other"}, ["note"], "held by other, a profile of this project"),
        ({8080: "container grafana"}, ["error"], "port 8080 of chat is taken by container grafana"),
        ({8080: "process 77 (nginx)"}, ["error"], "process 77 (nginx)"),
        ({9090: "process 77 (nginx)"}, ["ok"], ""),
    ],
)
def test_a_port(held: dict[int, str], levels: list[str], arguments: str) -> None:
    found = list(checks.ports(known(need("chat", ports=(8080,)), need("other"), held=held)))
    assert printed(found) == levels
    assert arguments in found[0].what


@pytest.mark.parametrize(
    ("seen", "who", "levels"),
    [
        (1000, {}, ["ok"]),
        (None, {}, ["note"]),
        (0, {}, ["note"]),
        (1000, {"uid": 0, "gid": 0}, ["warning"]),
        (1000, {"uid": 0, "gid": 0, "overrides_permissions": True}, []),
    ],
)
def test_a_volume(seen: int | None, who: dict[str, Any], levels: list[str]) -> None:
    by_name = need(volumes=("mm-chat-cache",), **who)
    assert printed(checks.volumes(known(by_name, volumes={"mm-chat-cache": seen}))) == levels


def test_a_volume_that_does_not_exist_yet_is_not_judged() -> None:
    assert printed(checks.volumes(known(need(volumes=("mm-chat-cache",))))) == []


@pytest.mark.parametrize(
    ("rendered", "level", "fix"),
    [
        (RenderState(), "ok", ""),
        (RenderState("different", ("compose/a.yaml (its sources changed)",)), "error", "mmcompose render"),
        (RenderState("broken", tuple(f"profiles/{i}.yaml:1:1: bad" for i in range(9))), "error", "mmcompose validate"),
    ],
)
def test_the_generated_files(rendered: RenderState, level: str, fix: str) -> None:
    (found,) = project_checks.rendered(known(rendered=rendered))
    assert (found.level, found.fix) == (level, fix)
    if len(rendered.about) > 3:
        assert found.what.endswith("and 6 more")


def test_each_file_is_judged_by_what_compose_says() -> None:
    configs = {
        "compose.yaml": Reply(0),
        "compose/a.yaml": Reply(
            15, err="validating compose/a.yaml: services.a additional properties 'gpu' not allowed"
        ),
        "compose/b.yaml": None,
        "compose/c.yaml": Reply(None, err="docker gave no answer in 120 s"),
    }
    found = list(project_checks.configs(known(configs=configs)))
    assert printed(found) == ["error", "error", "note", "ok"]
    assert "additional properties 'gpu' not allowed" in found[0].what
    assert found[1].fix == "mmcompose render"
