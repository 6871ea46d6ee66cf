"""Facts for tests: a machine on which all is well, and words for what is not."""

from __future__ import annotations

from typing import Any

from mmcompose.deploy.docker.command import Reply
from mmcompose.deploy.doctor.facts import DiskSeen, DockerSeen, Facts
from mmcompose.deploy.doctor.needs import Need
from mmcompose.deploy.machine.cards import Read, SeenCard
from mmcompose.deploy.machine.hardware import DeviceFile, Hardware
from mmcompose.model import Card, Machine

GIB = 1 << 30
VLLM = "vllm/vllm-openai:v0.24.0"

CPU_HOST = Machine("cpu", "cpu", "16g", 8, 1000, 1000)
NVIDIA_HOST = Machine("gpu-12gb", "nvidia", "94g", 16, 1000, 1000, (Card("NVIDIA 12 GB", "12g"),))
INTEL_HOST = Machine(
    "igpu", "intel", "32g", 16, 1000, 1000, (Card("Intel", "16g"),), {"render": 992}, ("/dev/dri/renderD128",)
)

RTX = SeenCard("nvidia", "NVIDIA GeForce RTX 4070", 12282 << 20, "GPU-1", "580.65.06")
H100 = SeenCard("nvidia", "NVIDIA H100 80GB HBM3", 81559 << 20, "GPU-2", "550.90.07")
IGPU = SeenCard("intel", "Intel integrated", node="/dev/dri/renderD128", integrated=True)


def machine(**facts: Any) -> Hardware:
    return Hardware(**{"memory": 96 * GIB, "cores": 32, **facts})


def with_nvidia(*cards: SeenCard) -> Hardware:
    return machine(nvidia=Read(cards), smi=Reply(0))


def with_intel(*files: DeviceFile) -> Hardware:
    return machine(intel=Read((IGPU,)), files=files)


def docker(**facts: Any) -> DockerSeen:
    return DockerSeen(**{"server": "28.5.2", **facts})


def need(name: str = "chat", host: Machine = CPU_HOST, **facts: Any) -> Need:
    given = {"accelerator": host.accelerator, "container": f"mm-{name}", "uid": 1000, "gid": 1000, **facts}
    return Need(name, name, host, **given)


def known(*needs: Need, **facts: Any) -> Facts:
    return Facts(**{"needs": needs, "docker": docker(), "machine": machine(), "disk": DiskSeen("/d", 1 << 40), **facts})
