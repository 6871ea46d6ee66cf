"""What was seen, as a host file: always valid under the schema, and honest about what is a guess."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml

from mmcompose.core.read import schema
from mmcompose.core.read.load import load_text
from mmcompose.core.resolve import bind
from mmcompose.deploy.docker.command import Reply
from mmcompose.deploy.machine import hostfile
from mmcompose.deploy.machine.cards import Read, SeenCard
from mmcompose.deploy.machine.hardware import DeviceFile, Hardware, User
from mmcompose.files.gather import shipped
from mmcompose.model import Card, Machine

USER = User(1000, 1001, "the user of the command")
GIB = 1 << 30


def seen(**facts: Any) -> Hardware:
    return Hardware(**{"memory": 62 * GIB + 5, "cores": 16, "user": USER, **facts})


def nvidia(*cards: SeenCard, code: int = 0, err: str = "") -> dict[str, Any]:
    return {"nvidia": Read(cards), "smi": Reply(code, "", err)}


RTX = SeenCard("nvidia", "NVIDIA GeForce RTX 4070", 12282 << 20, "GPU-1", "550.54")
IGPU = SeenCard("intel", "Intel integrated 0x46a6", integrated=True, node="/dev/dri/renderD128")
ARC = SeenCard("intel", "Intel GPU 0x56a0", 16 * GIB, node="/dev/dri/renderD129", remark="as large as its window")
RADEON = SeenCard("amd", "AMD GPU 0x744c", 24 * GIB, node="/dev/dri/renderD128")
RENDER = DeviceFile("/dev/dri/renderD128", 992, "render")
KFD = DeviceFile("/dev/kfd", 992, "render")

MACHINES = {
    "cpu": seen(),
    "one nvidia": seen(**nvidia(RTX)),
    "eight nvidia": seen(**nvidia(*[RTX] * 8)),
    "mig": seen(**nvidia(SeenCard("nvidia", "A100 MIG 1g.5gb", 5 * 10**9, "MIG-1", remark="named by its profile"))),
    "unified memory": seen(**nvidia(SeenCard("nvidia", "NVIDIA GB10"))),
    "integrated": seen(intel=Read((IGPU,)), files=(RENDER,)),
    "two intel": seen(intel=Read((IGPU, ARC)), files=(RENDER, DeviceFile("/dev/dri/renderD129", 993, None))),
    "amd": seen(amd=Read((RADEON,)), files=(RENDER, KFD)),
    "npu": seen(
        intel=Read((IGPU,)), files=(RENDER, DeviceFile("/dev/accel/accel0", 992, "render")), accelerators=("accel0",)
    ),
    "nothing known": Hardware(),
    "macos": Hardware("Darwin", cores=10, user=User(501, 20, "the user of the command")),
    "hostile name": seen(**nvidia(SeenCard("nvidia", 'x", vram: 1t}\n- {a: "\x1b[31m\ud83d {{ }} \\', 1 << 20))),
    "odd group": seen(intel=Read((IGPU,)), files=(DeviceFile("/dev/dri/renderD128", 44, "video}: {"),)),
    "tiny": seen(memory=1 << 20, cores=1),
}


def read(text: str) -> Machine:
    """As mmcompose itself reads the file."""
    tree, problems = load_text("host", "profiles/hosts/x.yaml", text)
    assert tree is not None, problems
    assert schema.faults(schema.bundle("host", shipped.schemas()), tree, text) == []
    return bind.machine("x", tree)


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_what_is_written_is_a_valid_host_file(machine: Hardware) -> None:
    made = hostfile.write(machine, "../.schema/host.schema.json")
    assert made.text.startswith("# yaml-language-server: $schema=../.schema/host.schema.json\n")
    assert isinstance(yaml.safe_load(made.text), dict)
    host = read(made.text)
    assert host.cores == (machine.cores or 1)
    assert len(host.gpus) == len(hostfile.chosen(machine)[1])
    assert host.uid > 0


def test_a_machine_is_described_as_it_is() -> None:
    host = read(hostfile.write(MACHINES["one nvidia"]).text)
    assert (host.accelerator, host.memory, host.uid, host.gid) == ("nvidia", "62g", 1000, 1001)
    assert [(card.name, card.vram, card.uuid) for card in host.gpus] == [("NVIDIA GeForce RTX 4070", "12282m", "GPU-1")]
    assert (dict(host.groups), host.devices) == ({}, ())


def test_what_a_card_can_compute_and_whether_it_draws_a_screen_is_written_down() -> None:
    card = replace(RTX, compute="8.9", desktop=True)
    assert read(hostfile.write(seen(**nvidia(card)), "x").text).gpus == (
        Card("NVIDIA GeForce RTX 4070", "12282m", "GPU-1", "8.9", desktop=True),
    )


def test_device_files_and_their_groups_are_named_where_no_toolkit_hands_them_out() -> None:
    host = read(hostfile.write(MACHINES["amd"]).text)
    assert (dict(host.groups), host.devices) == ({"render": 992}, ("/dev/dri/renderD128", "/dev/kfd"))
    host = read(hostfile.write(MACHINES["two intel"]).text)
    assert dict(host.groups) == {"render": 992, "group-993": 993}
    assert read(hostfile.write(MACHINES["npu"]).text).devices == ("/dev/dri/renderD128", "/dev/accel/accel0")


@pytest.mark.parametrize(
    ("name", "vram", "remark"),
    [
        ("integrated", "31g", "half of it is a choice, not a measurement"),
        ("unified memory", "31g", "half of it is a choice, not a measurement"),
        ("mig", "4768m", "named by its profile"),
    ],
)
def test_a_size_that_is_no_measurement_says_so_beside_its_line(name: str, vram: str, remark: str) -> None:
    text = hostfile.write(MACHINES[name]).text
    assert read(text).gpus[0].vram == vram
    lines = text.splitlines()
    assert remark in lines[next(i for i, line in enumerate(lines) if "vram" in line) - 1]


@pytest.mark.parametrize(
    ("machine", "note"),
    [
        (
            seen(**nvidia(code=9, err="could not communicate with the driver")),
            "nvidia-smi failed: could not communicate",
        ),
        (seen(**nvidia()), "nvidia-smi listed no GPU"),
        (seen(pci=("0000:01:00.0",)), "an NVIDIA GPU is on the bus"),
        (seen(wsl=True), "WSL2"),
        (seen(**nvidia(RTX), intel=Read((IGPU,))), "left out, since one host file describes one kind of GPU: Intel"),
        (seen(accelerators=("accel0",)), "left out: /dev/accel/accel0 (NPU)"),
        (seen(user=User()), "uid and gid are a guess"),
        (seen(memory=None), "memory could not be read"),
        (seen(cores=None), "cores could not be read"),
        (
            seen(intel=Read((IGPU,)), files=(DeviceFile("/dev/dri/renderD128", 0, "root"),)),
            "/dev/dri/renderD128 belongs to root's group",
        ),
        (seen(nvidia=Read((), ("odd line",))), "odd line"),
        (Hardware("Darwin"), "sysctl -n hw.memsize"),
        (Hardware("Windows"), "WSL2"),
        (Hardware("Plan9"), "Plan9 is not Linux"),
    ],
)
def test_what_a_person_should_know_is_reported(machine: Hardware, note: str) -> None:
    assert any(note in line for line in hostfile.write(machine).notes)


def test_root_alone_never_becomes_the_user_of_engines() -> None:
    text = hostfile.write(seen(user=User())).text
    assert read(text).uid == 1000
    assert "guess" in text


def test_the_root_group_is_never_given_to_containers() -> None:
    machine = seen(intel=Read((IGPU,)), files=(DeviceFile("/dev/dri/renderD128", 0, "root"),))
    assert dict(read(hostfile.write(machine).text).groups) == {}


@pytest.mark.parametrize(
    ("hostname", "name"),
    [
        ("Workstation", "workstation"),
        ("gpu01.example.org", "gpu01"),
        ("My_Box", "my-box"),
        ("42", "this-machine"),
        ("", "this-machine"),
        ("x", "this-machine"),
        ("Jörg's PC", "j-rg-s-pc"),
        ("../../etc", "this-machine"),
    ],
)
def test_a_hostname_becomes_a_name(hostname: str, name: str) -> None:
    assert hostfile.name_from(hostname) == name
