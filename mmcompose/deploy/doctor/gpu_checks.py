"""Checks GPUs in containers: the toolkit, the driver, device files and their groups, and the host file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mmcompose.core.hints import plural
from mmcompose.core.sizes import in_bytes, spoken
from mmcompose.deploy.doctor.facts import Facts
from mmcompose.deploy.doctor.finding import Finding, error, note, ok, warning
from mmcompose.deploy.doctor.here import another, local, who
from mmcompose.deploy.doctor.needs import Need
from mmcompose.engines.known.engine import known_image
from mmcompose.model import Machine
from mmcompose.model.paths import of_host

_NOMINAL = 0.05
"""A 12 GB card shows a little less than 12 GiB; within this part, a declared size is the real one."""


def hosts(facts: Facts) -> Iterator[Finding]:
    """Compares each host file with the machine. Another host is a fault only for a named profile."""
    if not facts.docker.local:
        return
    for host in {need.host.name: need.host for need in facts.needs}.values():
        users = who([need for need in facts.needs if need.host.name == host.name])
        why = another(host, facts.machine)
        if why:
            level = error if facts.by_name else warning
            fix = "`mmcompose hosts detect` describes this machine"
            yield level(f"{host.name} is not this machine: {why}", f"{fix}; {users} cannot run here as written")
            continue
        differences = list(_differences(host, facts))
        yield from (warning(f"{host.name}: {what}", _correction(host, facts)) for what in differences)
        if not differences:
            yield ok(f"{host.name} can be this machine ({users})")


def _correction(host: Machine, facts: Facts) -> str:
    file = of_host(host.name)
    if host.name in facts.shipped_hosts:
        return (
            f"`mmcompose hosts detect {host.name} --write` writes {file} for this machine; "
            f"now the one that ships with mmcompose is used"
        )
    return f"correct {file}, or `mmcompose hosts detect`"


def _differences(host: Machine, facts: Facts) -> Iterator[str]:
    machine = facts.machine
    memory = in_bytes(host.memory)
    if machine.memory and memory > machine.memory * (1 + _NOMINAL):
        yield f"{host.memory} of memory declared, this machine has {spoken(machine.memory)}"
    if machine.cores and host.cores > machine.cores:
        yield f"{host.cores} cores declared, this machine has {machine.cores}"
    here = machine.kinds.get(host.accelerator, ())
    by_uuid = {card.uuid: card for card in here if card.uuid}
    for index, card in enumerate(host.gpus):
        if card.uuid and by_uuid and card.uuid not in by_uuid:
            yield f"GPU {index} is declared as {card.uuid}, which is not here"
            continue
        real = by_uuid.get(card.uuid or "") or (here[index] if index < len(here) else None)
        if real and real.vram and in_bytes(card.vram) > real.vram * (1 + _NOMINAL):
            yield f"GPU {index} is declared with {card.vram}, {real.name} has {spoken(real.vram)}"
    if len(here) > len(host.gpus) and host.gpus:
        yield f"{plural(len(host.gpus), 'GPU')} declared, this machine has {len(here)}"


def _with(facts: Facts, accelerator: str) -> list[Need]:
    """The needs that claim such a GPU, on hosts that may be this machine."""
    here = (need for need in local(facts) if not another(need.host, facts.machine))
    return [need for need in here if need.accelerator == accelerator]


def toolkit(facts: Facts) -> Iterator[Finding]:
    """Checks that Docker can give NVIDIA GPUs to containers in the way that the host file names."""
    wanted = _with(facts, "nvidia")
    if not wanted or not facts.docker.answers:
        return
    info = facts.docker.info
    runtime = "nvidia" in (info.get("Runtimes") or {})
    devices = [str(one.get("ID", "")) for one in info.get("DiscoveredDevices") or () if isinstance(one, dict)]
    cdi = [name for name in devices if name.startswith("nvidia.com/gpu=")]
    register = "sudo nvidia-ctk runtime configure --runtime=docker && sudo systemctl restart docker"
    by_name = [need for need in wanted if need.host.toolkit == "cdi"]
    by_hook = [need for need in wanted if need.host.toolkit != "cdi"]
    if by_name and cdi:
        yield ok(f"Docker knows {plural(len(cdi), 'CDI device')} of NVIDIA")
    elif by_name and "DiscoveredDevices" not in info:
        yield note(
            f"this Docker does not list its CDI devices; {who(by_name)} asks for them", "ls /etc/cdi /var/run/cdi"
        )
    elif by_name:
        fix = "sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml"
        yield error(f"Docker knows no CDI device of NVIDIA, and {who(by_name)} asks for them", fix)
    if by_hook and runtime:
        yield ok("the NVIDIA runtime is registered with Docker")
    elif by_hook and facts.toolkit:
        what = f"{facts.toolkit[0]} is installed, and Docker has no nvidia runtime"
        yield note(f"{what}: enough when Docker was restarted after the installation", register)
    elif by_hook and cdi:
        what = f"Docker knows NVIDIA's CDI devices, but {who(by_hook)} asks for the runtime hook, which was not found"
        yield warning(what, f"toolkit: cdi in {of_host(by_hook[0].host.name)}, or install the hook: {register}")
    elif by_hook:
        what = f"Docker cannot hand out NVIDIA GPUs to {who(by_hook)}: the NVIDIA Container Toolkit is missing"
        yield error(what, f"install nvidia-container-toolkit, then {register}")


def driver(facts: Facts) -> Iterator[Finding]:
    wanted = _with(facts, "nvidia")
    if not wanted:
        return
    machine = facts.machine
    if not machine.nvidia.cards:
        complaint = machine.smi.complaint if machine.smi else "nvidia-smi is missing"
        yield error(
            f"NVIDIA's driver does not answer: {complaint}", "install or reload the driver; after an update, reboot"
        )
        return
    found = machine.driver
    if found is None:
        yield note("nvidia-smi did not report the driver's version")
        return
    major = int(found.partition(".")[0])
    games = any("geforce" in card.name.lower() for card in machine.nvidia.cards)
    for image in sorted({need.image for need in wanted if need.image}):
        cuda, source = of_image(image, facts.images.get(image))
        oldest = OLDEST_DRIVER.get(cuda or 0)
        users = who([need for need in wanted if need.image == image])
        if cuda is None or oldest is None:
            yield note(f"driver {found}; what {image} needs is known once the image is here ({users})")
        elif major >= oldest:
            yield ok(f"driver {found} is enough for CUDA {cuda} of {image}")
        else:
            what = f"driver {found} is older than {oldest}, which CUDA {cuda} of {image} needs (says {source})"
            fix = f"update the driver, or take an older release for {users}"
            level = error if games else warning
            yield level(
                what, fix if games else f"{fix}; only data-centre GPUs can do without, by forward compatibility"
            )


def device_files(facts: Facts) -> Iterator[Finding]:
    """Checks the device files of AMD and Intel, and the groups that may open them."""
    wanted = [*_with(facts, "amd"), *_with(facts, "intel")]
    for host in {need.host.name: need.host for need in wanted}.values():
        file = of_host(host.name)
        faults = list(_device_faults(host, file, facts))
        yield from faults
        if host.devices and not faults:
            yield ok(f"{host.name}: {', '.join(host.devices)} can be opened by the groups that the host file names")
        if not host.devices:
            yield error(f"{host.name}: no device files are declared, so containers get no GPU", f"devices: in {file}")


def _device_faults(host: Machine, file: str, facts: Facts) -> Iterator[Finding]:
    have = set(host.groups.values())
    for path in host.devices:
        seen = facts.machine.file(path)
        if seen is None:
            there = ", ".join(one.path for one in facts.machine.files) or "none"
            yield error(f"{host.name}: {path} is not on this machine (here: {there})", f"correct devices: in {file}")
        elif seen.gid not in have:
            group = seen.group or "render"
            listed = ", ".join(map(str, sorted(have))) or "none"
            what = f"{host.name}: {path} belongs to group {seen.gid} ({group}), the host file names {listed}"
            yield error(what, f"groups: {{{group}: {seen.gid}}} in {file}, then `mmcompose render`")


# CUDA Compatibility guide, "Minor Version Compatibility": within a major release, any driver from these on.
OLDEST_DRIVER: Mapping[int, int] = {11: 450, 12: 525, 13: 580}

_NAMED = re.compile(r"(?:^|[-_.:])cu(?:da)?-?(1[1-9])(?:[.-]?\d)?(?:$|[-_.])")
_RELEASE = re.compile(r":(?:[a-z0-9-]*-)?(v?\d+(?:\.\d+)+|b\d+)")


def of_image(reference: str, env: Mapping[str, str] | None) -> tuple[int | None, str]:
    """The CUDA major release inside an image, and where that is written."""
    if env:
        found = re.match(r"(\d+)\.", env.get("CUDA_VERSION", ""))
        if found:
            return int(found[1]), "the image"
    name = reference.partition("@")[0]
    tagged = _NAMED.search(name.rpartition("/")[2])
    if tagged:
        return int(tagged[1]), "its tag"
    release = _RELEASE.search(name)
    image = known_image(name)
    if release is None or image is None:
        return None, ""
    majors = [major for since, major in image.cuda.items() if _numbers(since) <= _numbers(release[1])]
    return (majors[-1], "its release") if majors and majors[-1] else (None, "")


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", release)))
