"""What templates of the project's own write is held against the rules: the file decides, not what was asked for."""

from __future__ import annotations

from textwrap import indent

import pytest

from mmcompose.core.pipeline import errors
from tests.making import ROOT, compilation

SERVICE = (ROOT / "templates/llamacpp/service.yaml.j2").read_text(encoding="utf-8")
JOB = "model: qwen-small\nhost: cpu\nports: {api: 8001}\nbench: [sanity]\n"


def printed(template: str, profile: str = "", path: str = "templates/llamacpp/service.yaml.j2") -> list[str]:
    made = compilation({"profiles/job.yaml": JOB + profile, path: template})
    assert errors(made.problems) == []
    return [str(problem) for problem in made.artifacts()[1]]


def with_lines(lines: str) -> str:
    """The shipped template, and these lines at the end of its service."""
    return f"{SERVICE}\n{indent(lines, '    ')}\n"


def test_the_shipped_template_in_a_project_keeps_every_rule() -> None:
    assert printed(SERVICE) == []


def test_no_shipped_profile_breaks_a_rule_in_what_is_rendered() -> None:
    files = {p.relative_to(ROOT).as_posix(): p.read_bytes() for p in sorted((ROOT / "profiles").glob("*.yaml"))}
    templates = {p.relative_to(ROOT).as_posix(): p.read_bytes() for p in sorted((ROOT / "templates").rglob("*"))
                 if p.is_file() and p.suffix != ".pyc"}  # fmt: skip
    made = compilation({**files, **templates}, settings=(ROOT / "mmcompose.yaml").read_text(encoding="utf-8"))
    assert [str(problem) for problem in made.artifacts()[1]] == []


BROKEN = [
    ("S01", "privileged: true", "services.job.security.privileged: the container could do everything on the host"),
    (
        "S02",
        r"volumes: [{type: npipe, source: '\\.\pipe\docker_engine', target: '\\.\pipe\docker_engine'}]",
        "services.job.mounts[0]: a named pipe leads to",
    ),
    ("S02", r"volumes: ['\\.\pipe\docker_engine:\\.\pipe\docker_engine']", "services.job.mounts[0]: a named pipe"),
    ("S02", "volumes: [//./pipe/docker_engine://./pipe/docker_engine]", "services.job.mounts[0]: a named pipe leads"),
    ("S02", "volumes: [/var/run/docker.sock:/s]", "services.job.mounts[0]: gives the container Docker's socket"),
    ("S03", "pid: host", "services.job.pid: pid of host"),
    ("S03", "ipc: host", "services.job.security.ipc: shares the memory"),
    ("S04", "cap_add: [SYS_ADMIN]", "services.job.security.cap_add: adds SYS_ADMIN"),
    (
        "S05",
        "security_opt: [no-new-privileges:true, apparmor:unconfined]",
        "services.job.security.seccomp: leaves system calls",
    ),
    ("S06", "user: root", "services.job.security.user: runs as root"),
    ("S07", "read_only: false", "services.job.security.read_only: the root file system is writable"),
    ("S08", 'ports: ["127.0.0.1:80:8000"]', "services.job.ports.0: 80 is a privileged port"),
    ("S09", "image: x/y:latest", "services.job.image: the tag latest may name another release tomorrow"),
    ("S10", "environment: [HF_TOKEN=word1234]", "services.job.env.HF_TOKEN: a secret in plain text"),
    ("S10", "command: [--api-key, word1234]", "services.job.command: a secret in plain text"),
    ("S13", "volumes: [{type: bind, source: ../../etc, target: /x}]", "services.job.mounts[0]: /etc belongs"),
    ("S16", "restart: always", "services.job.restart: restarts containers"),
    ("S21", "command: [--trust-remote-code]", "services.job.args.trust_remote_code: runs code"),
    ("S23", 'ports: ["8001:8000"]', "services.job.ports.0: published on 0.0.0.0 without an API key"),
    ("S24", "volumes: [/data/x:/x]", "services.job.mounts[0]: /data/x lies outside the project"),
    ("S27", "build: {context: ../..}", "services.job.build.context: / lies outside the project"),
    ("S28", "devices: [/dev/sda]", "services.job.mounts[0]: /dev/sda is not a device that computes"),
    ("S29", "group_add: [docker]", "services.job.machine.groups.docker: group docker owns more"),
    ("S30", "use_api_socket: true", "services.job.use_api_socket: cannot be judged by any rule"),
    ("S30", "gpus: all", "services.job.gpus: cannot be judged by any rule"),
    ("S30", "build: {context: ., ssh: [default]}", "services.job.build.ssh: cannot be judged by any rule"),
    ("S30", "build: {context: ., privileged: true}", "services.job.build.privileged: cannot be judged by any rule"),
]


@pytest.mark.parametrize(("rule", "lines", "reported"), BROKEN)
def test_what_a_template_writes_is_reported_and_can_be_waived(rule: str, lines: str, reported: str) -> None:
    found = [line for line in printed(with_lines(lines)) if reported in line]
    assert len(found) == 1, printed(with_lines(lines))
    assert found[0].startswith("templates/llamacpp/service.yaml.j2:1:1: ")
    assert f"waive {rule} with a reason and a date" in found[0]
    waiver = f"waivers: [{{rule: {rule}, reason: this machine needs it so, until: 2099-01-01}}]\n"
    assert [line for line in printed(with_lines(lines), waiver) if reported in line] == []


@pytest.mark.parametrize(
    ("lines", "reported"),
    [
        ("  other:\n    image: busybox:1.36\n    privileged: true\n", "services.other.security.privileged"),
        ("networks:\n  x: {external: true}\n", "networks.x.external: cannot be judged by any rule"),
        ("include: [/tmp/x.yaml]\n", "include: cannot be judged by any rule"),
        ("secrets:\n  x: {environment: HOME}\n", "secrets.x.environment: cannot be judged by any rule"),
        ("x-note: ${HOME}\n", "lets a variable of the shell decide what runs"),
    ],
)
def test_what_stands_beside_the_service_is_seen_too(lines: str, reported: str) -> None:
    shared = (ROOT / "templates/compose/compose.yaml.j2").read_text(encoding="utf-8")
    place = "\nnetworks:\n" if lines.startswith((" ", "networks")) else "\nservices:\n"
    text = shared.replace(place, f"\n{lines}" if lines.startswith("networks") else f"\n{lines}{place}", 1)
    found = printed(text, path="templates/compose/compose.yaml.j2")
    assert [line for line in found if reported in line], found


def test_what_is_laid_over_is_judged_together() -> None:
    shared = (ROOT / "templates/compose/overlay.yaml.j2").read_text(encoding="utf-8")
    text = shared.replace("    profiles:\n", "    privileged: true\n    profiles:\n", 1)
    assert text != shared
    found = printed(text, path="templates/compose/overlay.yaml.j2")
    assert any("services.job.security.privileged" in line for line in found)


def test_the_root_only_says_what_to_include() -> None:
    shared = (ROOT / "templates/compose/root.yaml.j2").read_text(encoding="utf-8")
    found = printed(
        f"{shared}\nservices: {{x: {{image: y, privileged: true}}}}\n", path="templates/compose/root.yaml.j2"
    )
    assert len(found) == 1
    assert found[0].startswith(
        "templates/compose/root.yaml.j2:1:1: services: cannot be judged by any rule in compose.yaml (leave it out"
    )


def test_what_the_profile_itself_asks_for_is_not_reported_twice() -> None:
    requested = (
        "mounts: [{source: /data/x, target: /x}]\nsecrets: {a: {file: ../key}}\n"
        "waivers: [{rule: S24, reason: it lies on the large disk, until: 2099-01-01},"
        " {rule: S25, reason: it lies on the large disk, until: 2099-01-01}]\n"
    )
    assert printed(SERVICE, requested) == []


def test_a_waiver_that_only_the_template_needs_is_not_called_idle() -> None:
    waiver = "waivers: [{rule: S01, reason: this machine needs it so, until: 2099-01-01}]\n"
    files = {"profiles/job.yaml": JOB + waiver, "templates/llamacpp/service.yaml.j2": with_lines("privileged: true")}
    made = compilation(files)
    assert made.problems == []
    assert made.artifacts()[1] == []


@pytest.mark.parametrize(
    "lines",
    [
        "user: 5",
        f'ports: ["{"9" * 5000}:8000"]',
        f"group_add: ['{'9' * 5000}']",
        "mem_limit: 1.2.3g\ndeploy: 7",
        "x-me: &me [*me]",
        "environment: 5\nvolumes: {a: b}\nhealthcheck: [1]\nlogging: x\nbuild: 5\nsecrets: 7",
    ],
)
def test_what_makes_no_sense_is_no_crash(lines: str) -> None:
    for line in printed(with_lines(lines)):
        assert "while rendering" not in line


def test_a_service_whose_name_is_a_number_is_judged() -> None:
    shared = (ROOT / "templates/compose/compose.yaml.j2").read_text(encoding="utf-8")
    text = shared.replace("\nnetworks:\n", "\n  1:\n    image: busybox:1.36\n    privileged: true\n\nnetworks:\n", 1)
    assert any(
        "services.1.security.privileged" in line for line in printed(text, path="templates/compose/compose.yaml.j2")
    )
