"""Where paths really lead: links are followed, and what the host file declares is allowed as far as it may be."""

from __future__ import annotations

from textwrap import dedent

import pytest

from mmcompose.core.pipeline import Compilation
from mmcompose.core.read.adhoc import WeightsToLoad, source
from mmcompose.core.read.overrides import parse
from mmcompose.core.world import Kind, Seen, World
from tests.making import SETTINGS, compilation, problems

BASE = "model: glm-ocr\nbackend: vllm\nhost: box\n"
BOX = """\
    machine:
      accelerator: nvidia
      gpus: [{name: x, vram: 48g}]
      memory: 94g
      cores: 16
      uid: 1000
      gid: 1000
"""
HOLDS = "holds the sockets of container engines, each of which gives away the whole host"
AMD = dedent(BOX).replace("nvidia", "amd")
LINKS = {
    "/project/models": "/data/models",
    "/project/out": "/etc",
    "/data/models/evil": "/etc",
    "/project/inner": "/project/data",
    "/project/secrets/link": "/home/me/token",
    "/dev/root": "/dev/sda1",
}
KINDS: dict[str, Kind] = {
    "/project/x/engine": "socket",
    "/project/secrets/folder": "folder",
    "/data/models/b.bin": "file",
    "/dev/special": "block",
}


def look(path: str) -> Seen:
    for link, real in LINKS.items():
        if path == link or path.startswith(f"{link}/"):
            path = real + path.removeprefix(link)
            break
    return Seen(path, KINDS.get(path, ""))


def printed(text: str, host: str = BOX, settings: str = SETTINGS, sets: tuple[str, ...] = ()) -> list[str]:
    overrides, wrong = parse(sets)
    assert not wrong
    files = {"profiles/job.yaml": BASE + text + "\n", "profiles/hosts/box.yaml": dedent(host)}
    made = compilation(files, settings=settings, world=World("/project", look), overrides=overrides)
    return problems(made)


ROOTS = f"{BOX}      roots: [/data/models]\n"


def test_what_lies_outside_is_reported_with_the_line_that_would_allow_it() -> None:
    (line,) = printed("mounts: [{source: /data/models/x, target: /x}]")
    assert line.startswith("profiles/job.yaml:4:10: mounts[0]: /data/models/x lies outside the project")
    assert "write roots: [/data/models/x] under machine: in profiles/hosts/box.yaml; or waive S24" in line
    made = compilation({"profiles/job.yaml": "model: qwen-small\nhost: cpu\nmounts: [{source: /data/x, target: /x}]\n"})
    assert "in profiles/hosts/cpu.yaml, which `mmcompose hosts detect cpu --write` makes; or waive" in problems(made)[0]
    (line,) = printed("weights: {repo: null, path: /data/models/b.bin}")
    assert "write roots: [/data/models] under" in line


def test_what_lies_below_a_declared_root_is_fine() -> None:
    assert printed("mounts: [{source: /data/models/x, target: /x}, {source: models/y, target: /y}]", ROOTS) == []


def test_a_link_of_the_project_is_followed_to_where_it_leads() -> None:
    (line,) = printed("mounts: [{source: models/x, target: /x}]")
    assert "models/x leads to /data/models/x, which lies outside the project" in line
    (line,) = printed("mounts: [{source: out, target: /x}]")
    assert "out leads to /etc, which belongs to the system" in line
    assert printed("mounts: [{source: inner, target: /x}]") == []


def test_a_link_that_the_project_allows_is_part_of_it() -> None:
    allowed = f"{SETTINGS}allow_links: [{{path: models, reason: they lie on the large disk}}]\n"
    assert printed("weights: {repo: null, path: models/x}", settings=allowed) == []


def test_what_belongs_to_the_system_stays_refused_below_a_root() -> None:
    (line,) = printed("mounts: [{source: /data/models/evil, target: /x}]", ROOTS)
    assert "/data/models/evil leads to /etc, which belongs to the system" in line
    found = printed("args: {max_num_seqs: 4}", f"{BOX}      roots: [/home, /run]\n")
    assert [line.partition(" (")[0] for line in found] == [
        "profiles/hosts/box.yaml:8:11: machine.roots[0]: /home belongs to the system",
        f"profiles/hosts/box.yaml:8:18: machine.roots[1]: /run {HOLDS}",
    ]


def test_a_socket_is_reported_whatever_it_is_called() -> None:
    (line,) = printed("mounts: [{source: x/engine, target: /x}]")
    assert "mounts[0]: gives the container Docker's socket, and with it the whole host" in line


def test_a_secret_is_a_file_and_lies_inside() -> None:
    (line,) = printed("secrets: {a: {file: secrets/folder}}")
    assert "secrets.a.file: secrets/folder is a folder, not a file" in line
    (line,) = printed("secrets: {a: {file: secrets/link}}")
    assert "secrets/link lies outside the project, at /home/me/token" in line


def test_the_devices_and_groups_of_the_host_file_are_judged_where_they_stand() -> None:
    host = f"{AMD}  devices: [/dev/dri/renderD128, /dev/sda, /dev/mem, /dev/../etc, /dev/root, /dev/special]\n"
    host += "  groups: {render: 992, disk: 7777, mine: 6, docker: 999}\n"
    found = [line.partition(" (")[0] for line in printed("args: {max_num_seqs: 4}", host)]
    where = "profiles/hosts/box.yaml:8"
    assert found == [
        f"{where}:34: machine.devices[1]: /dev/sda is not a device that computes",
        f"{where}:44: machine.devices[2]: /dev/mem is not a device that computes",
        f"{where}:54: machine.devices[3]: /dev/../etc is not the plain path of a device",
        f"{where}:67: machine.devices[4]: /dev/root leads to /dev/sda1, which is not a device that computes",
        f"{where}:78: machine.devices[5]: /dev/special is not a device that computes",
        "profiles/hosts/box.yaml:9:25: machine.groups.disk: group disk owns more than the host's devices",
        "profiles/hosts/box.yaml:9:37: machine.groups.mine: group disk owns more than the host's devices",
        "profiles/hosts/box.yaml:9:46: machine.groups.docker: group docker owns more than the host's devices",
    ]


def test_render_and_video_beside_a_device_are_fine() -> None:
    host = f"{AMD}  devices: [/dev/kfd, /dev/dri/renderD128]\n  groups: {{render: 992, video: 44}}\n"
    assert printed("mounts: [{source: /dev/kfd, target: /dev/kfd}]", host) == []


def test_what_a_person_types_is_their_own() -> None:
    assert printed("args: {max_num_seqs: 4}", sets=("weights.path=/root/models/x", "weights.repo=null")) == []
    assert printed("args: {max_num_seqs: 4}", sets=("mounts=[{source: /data/x, target: /x}]",)) == []
    assert printed("args: {max_num_seqs: 4}", sets=("secrets.a.file=/home/me/token",)) == []
    (line,) = printed("args: {max_num_seqs: 4}", sets=("mounts=[{source: /run/docker.sock, target: /x}]",))
    assert "gives the container Docker's socket" in line


def test_a_model_that_was_named_in_place_of_a_profile_may_lie_anywhere() -> None:
    loaded = WeightsToLoad(("gguf",), "/root/models/x.gguf")
    made = compilation({}, settings=SETTINGS.replace("gpu-12gb", "cpu"), world=World("/project", look))
    more = source(loaded, "serve", (), format_="gguf", gpu=False, fixed_name=False)
    assert problems(Compilation(made.given._replace(sources=[*made.given.sources, more]))) == []
    kept = more._replace(kept="")
    found = problems(Compilation(made.given._replace(sources=[*made.given.sources, kept])))
    assert "belongs to the system" in found[0]


@pytest.mark.parametrize("rule", ["S28", "S29"])
def test_a_finding_of_the_host_file_is_waived_there(rule: str) -> None:
    wrong = {"S28": "  devices: [/dev/sda]\n", "S29": "  groups: {disk: 6}\n"}[rule]
    waiver = f"waivers: [{{rule: {rule}, reason: the engine reads a raw disk, until: 2099-01-01}}]\n"
    assert printed("args: {max_num_seqs: 4}", f"{AMD}{wrong}{waiver}") == []


def test_a_host_that_does_not_exist_gets_no_file_of_its_name() -> None:
    made = compilation(
        {"profiles/job.yaml": "model: qwen-small\nhost: nohost\nmounts: [{source: /data/x, target: /x}]\n"}
    )
    (line,) = [line for line in problems(made) if "outside the project" in line]
    assert "under machine: in the host file; or waive S24" in line


@pytest.mark.parametrize(
    "folder", ["/project", "/project/compose", "/project/secrets", "/project/profiles/x", "/", "/.."]
)
def test_the_folder_of_the_models_holds_nothing_of_the_project(folder: str) -> None:
    found = printed("", f"{BOX}      models: {folder}/.\n")
    assert any("machine.models" in line for line in found)


@pytest.mark.parametrize("folder", ["/data/models", "/project/models-of-ours"])
def test_the_folder_of_the_models_may_lie_anywhere_else(folder: str) -> None:
    assert printed("", f"{BOX}      models: {folder}\n") == []
