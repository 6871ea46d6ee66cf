"""Looking at a machine: trees that stand for /sys, /proc and /dev, and a program in the place of nvidia-smi."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mmcompose.deploy.machine import hardware
from mmcompose.deploy.machine.hardware import total_memory

if TYPE_CHECKING:
    from collections.abc import Callable

MEMINFO = "MemTotal:       98765432 kB\nMemFree:        12058268 kB\n"


class Tree:
    """A machine under a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("proc/meminfo", MEMINFO)

    def write(self, path: str, text: str = "") -> Path:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        return place

    def card(self, name: str, vendor: str, address: str, node: str | None, **files: str) -> None:
        """As the kernel has it: /sys/class/drm/<card>/device is a link to the device's folder."""
        device = f"sys/devices/pci0000:00/{address}"
        for file, text in {"vendor": vendor, "device": "0x1234", **files}.items():
            self.write(f"{device}/{file}", f"{text}\n")
        folder = self.root / "sys/class/drm" / name
        folder.mkdir(parents=True)
        (folder / "device").symlink_to(self.root / device)
        connector = self.root / f"sys/class/drm/{name}-HDMI-A-1"
        connector.mkdir()
        (connector / "device").symlink_to(folder)
        if node:
            (self.root / device / "drm" / node).mkdir(parents=True)
            self.write(f"dev/dri/{node}")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return Tree(tmp_path / "root")


@pytest.fixture
def nvidia_smi(machine: Tree) -> Callable[[str], None]:
    """A program that stands for nvidia-smi, in shell."""

    def put(script: str, where: str = "../bin/nvidia-smi") -> None:
        machine.write(where, f"#!/bin/sh\n{script}\n").chmod(0o755)

    return put


def test_a_machine_without_gpus(machine: Tree) -> None:
    seen = hardware.look(machine.root)
    assert (seen.smi, seen.drm, seen.files, seen.wsl) == (None, (), (), False)
    assert seen.memory == 98765432 << 10
    assert seen.cores == os.cpu_count()


def test_nvidia_smi_is_questioned_once_when_nothing_is_split(machine: Tree, nvidia_smi: Callable[[str], None]) -> None:
    nvidia_smi('echo "$@" >> "$0.asked"; echo "0, Card, GPU-1, 100 MiB, 535.1, Disabled"')
    assert [card.name for card in hardware.look(machine.root).nvidia.cards] == ["Card"]
    requested = (machine.root / "../bin/nvidia-smi.asked").read_text()
    columns = "index,name,uuid,memory.total,driver_version,mig.mode.current,compute_cap,display_active"
    assert requested == f"--query-gpu={columns} --format=csv,noheader\n"


def test_a_split_card_makes_it_ask_for_the_parts(machine: Tree, nvidia_smi: Callable[[str], None]) -> None:
    nvidia_smi(
        'case "$1" in -L) printf "GPU 0: Card (UUID: GPU-1)\\n  MIG 1g.5gb  Device  0: (UUID: MIG-1)\\n" ;;'
        ' *) echo "0, Card, GPU-1, 100 MiB, 535.1, Enabled" ;; esac'
    )
    assert [card.uuid for card in hardware.look(machine.root).nvidia.cards] == ["MIG-1"]


def test_an_old_driver_is_questioned_without_the_column_that_it_lacks(
    machine: Tree, nvidia_smi: Callable[[str], None]
) -> None:
    nvidia_smi(
        'case "$1" in *mig*) echo "Field \\"mig.mode.current\\" is not a valid field to query."; exit 2 ;;'
        ' *) echo "0, Tesla K80, GPU-1, 11441 MiB, 418.87" ;; esac'
    )
    assert [card.name for card in hardware.look(machine.root).nvidia.cards] == ["Tesla K80"]


def test_a_driver_that_knows_no_compute_capability_still_tells_of_its_parts(
    machine: Tree, nvidia_smi: Callable[[str], None]
) -> None:
    nvidia_smi(
        'case "$1" in *compute_cap*) echo "Field \\"compute_cap\\" is not a valid field to query."; exit 2 ;;'
        ' -L) printf "GPU 0: Card (UUID: GPU-1)\\n  MIG 1g.5gb  Device  0: (UUID: MIG-1)\\n" ;;'
        ' *) echo "0, Card, GPU-1, 100 MiB, 470.1, Enabled" ;; esac'
    )
    assert [card.uuid for card in hardware.look(machine.root).nvidia.cards] == ["MIG-1"]


def test_a_driver_that_does_not_answer_is_kept_with_its_text(machine: Tree, nvidia_smi: Callable[[str], None]) -> None:
    nvidia_smi('echo "NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver."; exit 9')
    seen = hardware.look(machine.root)
    assert seen.nvidia.cards == ()
    assert seen.smi is not None
    assert seen.smi.code == 9
    assert "could not communicate" in seen.smi.complaint


def test_a_program_that_cannot_be_run_is_an_answer_too(machine: Tree) -> None:
    machine.write("../bin/nvidia-smi", "not a program").chmod(0o755)
    seen = hardware.look(machine.root)
    assert seen.smi is not None
    assert not seen.smi.fine
    assert seen.nvidia.cards == ()


def test_wsl_has_its_tool_at_a_place_of_its_own(machine: Tree, nvidia_smi: Callable[..., None]) -> None:
    machine.write("dev/dxg")
    nvidia_smi('echo "0, NVIDIA GeForce RTX 4090, GPU-1, 24564 MiB, 560.94, [N/A]"', "usr/lib/wsl/lib/nvidia-smi")
    seen = hardware.look(machine.root)
    assert seen.wsl
    assert [card.name for card in seen.nvidia.cards] == ["NVIDIA GeForce RTX 4090"]


def test_cards_of_other_makers_come_from_sysfs_with_their_device_files(machine: Tree) -> None:
    machine.card("card0", "0x8086", "0000:00:02.0", "renderD128")
    machine.card("card1", "0x1002", "0000:03:00.0", "renderD129", mem_info_vram_total="17163091968")
    machine.write("dev/kfd")
    machine.write("dev/accel/accel0")
    (machine.root / "sys/class/accel/accel0").mkdir(parents=True)
    seen = hardware.look(machine.root)
    assert [card.name for card in seen.drm] == ["card0", "card1"]
    assert [(card.node, card.integrated) for card in seen.intel.cards] == [("/dev/dri/renderD128", True)]
    assert [(card.node, card.vram) for card in seen.amd.cards] == [("/dev/dri/renderD129", 17163091968)]
    paths = ["/dev/dri/renderD128", "/dev/dri/renderD129", "/dev/kfd", "/dev/accel/accel0"]
    assert [one.path for one in seen.files] == paths
    assert {one.gid for one in seen.files} == {machine.root.stat().st_gid}
    assert seen.accelerators == ("accel0",)


def test_an_nvidia_card_without_a_driver_is_seen_on_the_bus(machine: Tree) -> None:
    for address, kind in (("0000:01:00.0", "0x030000"), ("0000:01:00.1", "0x040300")):
        machine.write(f"sys/bus/pci/devices/{address}/vendor", "0x10de\n")
        machine.write(f"sys/bus/pci/devices/{address}/class", f"{kind}\n")
    assert hardware.look(machine.root).pci == ("0000:01:00.0",)


@pytest.mark.parametrize(
    ("text", "count"),
    [(MEMINFO, 98765432 << 10), ("", None), ("MemTotal:", None), ("MemTotal: lots kB", None), ("MemFree: 5 kB", None)],
)
def test_total_memory(text: str, count: int | None) -> None:
    assert total_memory(text) == count


@pytest.mark.parametrize(
    ("behind", "uid", "owner", "expected"),
    [
        (("1234", "1235"), 0, 0, (1234, 1235)),
        (("0", "0"), 0, 77, (77, 77)),
        (("abc", "1"), 0, 77, (77, 77)),
        (("", ""), 501, 77, (501, 20)),
        (("", ""), 0, 0, (0, 0)),
    ],
    ids=["sudo", "sudo by root", "garbage", "a user", "root alone"],
)
def test_whose_models_they_are(
    machine: Tree,
    monkeypatch: pytest.MonkeyPatch,
    behind: tuple[str, str],
    uid: int,
    owner: int,
    expected: tuple[int, int],
) -> None:
    monkeypatch.setenv("SUDO_UID", behind[0])
    monkeypatch.setenv("SUDO_GID", behind[1])
    monkeypatch.setattr(os, "getuid", lambda: uid)
    monkeypatch.setattr(os, "getgid", lambda: 20)
    result = os.stat_result((0o40755, 1, 1, 1, owner, owner, 0, 0, 0, 0))

    class Owned(type(machine.root)):  # type: ignore[misc]
        def stat(self, **_: object) -> os.stat_result:
            return result

    user = hardware.look(machine.root, owner_of=Owned("/project")).user
    assert (user.uid, user.gid) == expected


def test_elsewhere_than_on_linux_nothing_is_looked_at(machine: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    seen = hardware.look(machine.root)
    assert (seen.system, seen.memory, seen.smi) == ("Darwin", None, None)
