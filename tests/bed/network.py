"""What an engine leaves in the machine's network when it is gone: a bridge, rules of iptables, forwarding."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from tests.bed import place
from tests.bed.commands import BedError, run, succeeds

FORWARDING = (Path("/proc/sys/net/ipv4/ip_forward"), Path("/proc/sys/net/ipv6/conf/all/forwarding"))
TOOLS = ("iptables", "ip6tables")
OURS = re.compile(r"\bDOCKER\b|\bdocker0\b|\bbr-[0-9a-f]{12}\b|\bdocker_gwbridge\b")
POLICY = re.compile(r"^:FORWARD (\w+)", re.MULTILINE)


def record() -> Path:
    return place.home() / "network-before.json"


def note() -> None:
    """How it was before the first engine; later starts change nothing of it."""
    if not record().exists():
        forwarding = {str(path): path.read_text().strip() for path in FORWARDING if path.exists()}
        policies = {tool: found[1] for tool in TOOLS if (found := POLICY.search(saved(tool, "filter")))}
        record().write_text(json.dumps({"forwarding": forwarding, "policies": policies}))


def restore() -> None:
    """Call it when the engine is gone."""
    if not record().exists():
        return
    before = json.loads(record().read_text())
    for bridge in ("docker0", "docker_gwbridge"):
        if Path("/sys/class/net", bridge).exists():
            succeeds("ip", "link", "delete", bridge)
    for tool in TOOLS:
        for table in ("filter", "nat", "raw", "mangle"):
            kept = without_docker(rules := saved(tool, table), before["policies"].get(tool, "ACCEPT"))
            if kept != rules:
                run(f"{tool}-restore", "--table", table, stdin=kept)
    for path, value in before["forwarding"].items():
        Path(path).write_text(value)
    record().unlink()


def saved(tool: str, table: str) -> str:
    """Empty where there is no such tool or table."""
    if not shutil.which(f"{tool}-save"):
        return ""
    try:
        return run(f"{tool}-save", "--table", table)
    except BedError:
        return ""


def without_docker(rules: str, policy: str) -> str:
    if not OURS.search(rules):
        return rules
    kept = "".join(line for line in rules.splitlines(keepends=True) if not OURS.search(line))
    return POLICY.sub(f":FORWARD {policy}", kept)
