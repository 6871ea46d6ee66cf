"""Reads a Compose file: each service becomes a container; variables take their defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mmcompose.core.imports.sources.compose_service import service
from mmcompose.core.imports.sources.found import Findings, Found
from mmcompose.core.imports.sources.remarks import Remarks
from mmcompose.core.imports.sources.tree import items, parsed, required
from mmcompose.core.imports.sources.variables import interpolated
from mmcompose.model import Setting, labels

_TOP = ("version", "name", "services", "networks", "volumes", "secrets")
_WAIVED = re.compile(r" +# waived (S[0-9]{2}) \(.*?\) until ([0-9-]+): (.+)")


def read(file: str, data: bytes, known: Mapping[str, str]) -> Findings:
    """The services of a Compose file; raises Invalid where it cannot be read. `known` are variables with a value."""
    remarks = Remarks()
    tree, source = interpolated(parsed(file, data), known, remarks), data.decode("utf-8-sig")
    services = required(tree, "services", dict, "mapping of services", "a Compose file")
    for key, value in tree.value.items():
        if key not in _TOP and not key.startswith("x-"):
            remarks.left_out(value.place, key, "is not read", "import the file that it names, too")
    _storage(tree, remarks)
    found, benches = list[Found](), list[Found]()
    for name, value in services.value.items():
        one = service(name, value, tree, source)
        role = one.labels.get(labels.ROLE)
        if role == "bench":
            benches.append(one)
        elif role is None:
            found.append(one)
    _waivers(found, source)
    for one in found:
        for bench in benches:
            if one.labels and bench.labels.get(labels.SERVICE) == one.labels.get(labels.SERVICE):
                one.benches[bench.labels.get(labels.BENCH, "")] = bench.line[bench.entrypoint :]
        if one.benches:
            one.put("bench", list(one.benches), one.origin)
    return Findings(found, remarks)


def _storage(tree: Setting, remarks: Remarks) -> None:
    """Reports volumes with options of their own; a plain one follows from the service that mounts it."""
    for name, volume in items(tree.at(("volumes",))):
        for key, value in items(volume):
            if key != "name":
                remarks.left_out(value.place, f"volumes.{name}.{key}", "a profile's volumes have a name and no options")


def _waivers(found: list[Found], text: str) -> None:
    """Waivers stand in our own files as comments of their service."""
    for at, line in enumerate(text.splitlines(), 1):
        match = _WAIVED.match(line)
        above = [one for one in found if one.labels and one.origin.line < at] if match else []
        if match and above:
            before = above[-1].values.get(("waivers",))
            waiver = dict(zip(("rule", "until", "reason"), match.groups(), strict=True))
            above[-1].put("waivers", [*(before.value if before else []), waiver], above[-1].origin)
