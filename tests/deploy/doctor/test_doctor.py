"""The whole command, with a program in the place of docker: what a person and a pipeline get."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from mmcompose.deploy.doctor.table import CHECKS
from tests.deploy.doctor import small

INFO = {"DockerRootDir": "/", "Runtimes": {"runc": {}}, "SecurityOptions": ["name=seccomp"]}
WELL = {
    "version --format": (0, json.dumps({"Server": {"Version": "28.5.2"}, "Client": {"Version": "28.5.2"}}), ""),
    "context inspect": (0, "unix:///var/run/docker.sock\n", ""),
    "info": (0, json.dumps(INFO), ""),
    "compose version": (0, "2.40.3\n", ""),
    "buildx version": (0, "github.com/docker/buildx v0.29.1 x\n", ""),
    "image inspect": (0, '["PATH=/usr/bin"]\n', ""),
    "compose --file": (0, "", ""),
    "volume ls": (0, "", ""),
    "container ls": (0, "", ""),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return small.write(tmp_path / "project", port)


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def put(**changed: tuple[int, str, str]) -> None:
        answers = {**{arguments.replace("_", " "): printed for arguments, printed in changed.items()}, **WELL}
        answers.update({arguments.replace("_", " "): printed for arguments, printed in changed.items()})
        place = small.docker_that(tmp_path / "bin", answers)
        monkeypatch.setenv("PATH", f"{place}{os.pathsep}{os.environ['PATH']}")

    put()
    return put


@pytest.mark.usefixtures("docker")
def test_where_all_is_well_each_check_says_so_and_the_exit_code_is_0(folder: Path) -> None:
    answer = small.doctor(folder)
    assert answer.code == 0, answer.out
    assert {row["level"] for row in answer.rows()} == {"ok"}
    silent = {"gpu-toolkit", "gpu-driver", "devices", "volumes"}
    assert {row["check"] for row in answer.rows()} == {check.id for check in CHECKS} - silent


@pytest.mark.usefixtures("docker")
def test_text_has_a_line_for_each_finding_and_its_fix_below(folder: Path) -> None:
    (folder / "secrets/key").unlink()
    answer = small.mmcompose(folder, "doctor", "chat")
    lines = answer.out.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("error"))
    assert lines[at].split(maxsplit=2)[1:] == ["secrets", "secrets/key (chat) does not exist"]
    assert lines[at + 1].strip().startswith("fix: put the secret there")
    assert (answer.code, answer.err) == (1, "1 error\n")


@pytest.mark.usefixtures("docker")
def test_quiet_leaves_out_what_is_fine(folder: Path) -> None:
    answer = small.mmcompose(folder, "doctor", "--quiet")
    assert (answer.code, answer.out, answer.err) == (0, "", "nothing stands in the way\n")


@pytest.mark.usefixtures("docker")
def test_faults_of_several_kinds_are_all_reported_at_once(folder: Path) -> None:
    (folder / "secrets/key").chmod(0o444)
    (folder / "models/tiny.gguf").unlink()
    (folder / "compose/chat.yaml").unlink()
    answer = small.doctor(folder)
    found = {(row["check"], row["level"]) for row in answer.rows() if row["level"] != "ok"}
    assert found == {("secrets", "warning"), ("mounts", "error"), ("rendered", "error"), ("config", "error")}
    assert answer.code == 1


@pytest.mark.usefixtures("docker")
def test_a_port_that_a_process_holds_is_named_with_the_process(folder: Path) -> None:
    port = int(json.loads((folder / "compose/mmcompose.lock").read_text())["seats"]["chat"]["chat"]["ports"]["api"])
    with socket.create_server(("127.0.0.1", port)):
        (found,) = small.doctor(folder).of("ports")
    assert found[0] == "error"
    assert f"process {os.getpid()}" in found[1]


def test_without_docker_everything_else_is_still_looked_at(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    answer = small.doctor(folder)
    assert answer.code == 1
    assert [row["check"] for row in answer.rows() if row["level"] == "error"] == ["docker"]
    assert {"secrets", "mounts", "ports", "rendered", "host"} <= {row["check"] for row in answer.rows()}


def test_a_daemon_that_does_not_run(folder: Path, docker: Any) -> None:
    down = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
    docker(**{"version --format": (1, '{"Client":{"Version":"28.2.2"},"Server":null}', down), "info": (1, "", down)})
    answer = small.doctor(folder)
    assert [(row["check"], row["fix"]) for row in answer.rows() if row["level"] == "error"] == [
        ("docker", "sudo systemctl start docker")
    ]


@pytest.mark.parametrize("garbage", ["", "null", "[]", "{", '{"Server": []}', '{"Server": {"Version": 5}}', "\x00\xff"])
def test_an_engine_that_answers_nonsense_breaks_nothing(folder: Path, docker: Any, garbage: str) -> None:
    docker(**{"version --format": (0, garbage, ""), "info": (0, garbage, ""), "image inspect": (0, garbage, "")})
    assert small.doctor(folder).code in (0, 1)


def test_compose_refusing_a_file_is_reported_in_its_text(folder: Path, docker: Any) -> None:
    docker(**{"compose --file compose/chat.yaml": (15, "", "services.chat: additional properties 'gpu' not allowed\n")})
    found = small.doctor(folder).of("config")
    assert (
        "error",
        "Compose refuses compose/chat.yaml: services.chat: additional properties 'gpu' not allowed",
    ) in found


@pytest.mark.usefixtures("docker")
def test_a_profile_for_another_machine_is_mentioned_or_when_requested_an_error(folder: Path) -> None:
    (folder / "profiles/big.yaml").write_text(
        "backend: llamacpp\nhost: gpu-8x\nweights: {path: m.gguf, format: gguf}\ngpu: {count: 8}\n"
    )
    assert small.mmcompose(folder, "render").code == 0
    everything = small.doctor(folder)
    assert everything.code == 0, everything.out
    assert [row["level"] for row in everything.rows() if "gpu-8x is not this machine" in row["what"]] == ["warning"]
    assert all("m.gguf" not in row["what"] for row in everything.rows())
    requested = small.doctor(folder, "big")
    assert requested.code == 1
    assert {("host", "error"), ("mounts", "error")} <= {(row["check"], row["level"]) for row in requested.rows()}


@pytest.mark.usefixtures("docker")
def test_names_that_do_not_exist_and_projects_that_are_broken_are_usage_errors(folder: Path, tmp_path: Path) -> None:
    answer = small.doctor(folder, "chatt")
    assert answer.code == 2
    assert "chat" in answer.err
    assert small.doctor(tmp_path).code == 2
    (folder / "mmcompose.yaml").write_text("name: [\n")
    assert small.doctor(folder).code == 2


@pytest.mark.usefixtures("docker")
def test_a_broken_profile_hides_no_other(folder: Path) -> None:
    (folder / "profiles/worse.yaml").write_text("modle: x\n")
    answer = small.doctor(folder)
    assert answer.code == 1
    ((level, what),) = answer.of("rendered")
    assert (level, "modle" in what) == ("error", True)
    assert answer.of("secrets") == [("ok", "1 secret file readable by their engines only")]


@pytest.mark.usefixtures("docker")
def test_nothing_on_the_disk_changes(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    small.doctor(folder)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_every_check_has_a_name_of_its_own_and_a_title() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    assert all(check.title for check in CHECKS)
