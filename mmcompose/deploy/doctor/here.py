"""Finds the profiles that belong to this machine: a project describes many hosts."""

from __future__ import annotations

from mmcompose.core.hints import plural
from mmcompose.deploy.doctor.facts import Facts
from mmcompose.deploy.doctor.needs import Need
from mmcompose.deploy.machine.hardware import Hardware
from mmcompose.model import Machine

_TITLES = {"nvidia": "NVIDIA GPU", "amd": "AMD GPU", "intel": "Intel GPU"}


def another(host: Machine, machine: Hardware) -> str:
    """Why a host file cannot describe this machine; empty if it can. A broken driver is a fault of this machine, not
    another machine."""
    if host.accelerator == "cpu" or not host.gpus:
        return ""
    broken = machine.pci or (machine.smi is not None and not machine.smi.fine)
    if host.accelerator == "nvidia" and not machine.nvidia.cards and broken:
        return ""
    here = machine.kinds.get(host.accelerator, ())
    if len(here) >= len(host.gpus):
        return ""
    has = plural(len(here), _TITLES[host.accelerator]) if here else f"no {_TITLES[host.accelerator]}"
    return f"it has {plural(len(host.gpus), _TITLES[host.accelerator])}, this machine has {has}"


def local(facts: Facts) -> list[Need]:
    """The services to check: those of the named profiles, else those whose host may be this machine."""
    if not facts.docker.local:
        return []
    return [need for need in facts.needs if facts.by_name or not another(need.host, facts.machine)]


def who(needs: list[Need]) -> str:
    """Their names, short enough for a line."""
    names = list(dict.fromkeys(need.name for need in needs))
    return ", ".join(names) if len(names) <= 4 else f"{', '.join(names[:3])} and {len(names) - 3} more"
