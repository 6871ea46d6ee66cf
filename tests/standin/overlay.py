"""A Compose overlay that lets a rendered profile start on a test machine. It replaces images, ulimits, devices and the
published ports, and nothing else: limits, users, mounts, health checks and commands stay as they were rendered.

Memory limits above the machine's own stay too: Docker takes them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NO_DEVICE = "/dev/null"
"""It stands for a render node; an engine that opened it would find no GPU, a stand-in does not open it."""


FETCH = """\
revision=main plain=
while [ $# -gt 0 ]; do
  case $1 in
    --repo) repo=$2 ;; --revision) revision=$2 ;; --include) file=$2 ;; --plain) plain=yes ;;
    --token-file) test -r "$2" || exit 3 ;;
  esac
  shift
done
if [ "$plain" ]; then
  place=/store/files/$repo/$revision/$(echo "$file" | sed 's/\\*/00001/')
  mkdir -p "$(dirname "$place")" && printf GGUF > "$place"
fi
"""
"""Stands for the program that fetches: no hub can be reached here, and a stand-in only opens the file that it loads."""


@dataclass(frozen=True)
class Overlay:
    text: str
    ports: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    """Service → port inside → the free port that it is published on."""


def overlay(
    document: Mapping[str, Any],
    images: Mapping[str, str],
    free_port: Callable[[], int],
    *,
    helper: str,
    variables: Mapping[str, str] | None = None,
) -> Overlay:
    """`images`: the image for each service; `helper`: for one-shot services like own-P; `told`: words to a stand-in
    (STANDIN_*), which add to the environment and are no part of the profile."""
    lines, ports = ["services:"], {}
    for name, service in document["services"].items():
        if service.get("profiles"):
            continue  # benchmarks beside the engine: not started here
        image = images.get(name) or helper
        published = {int(port["target"]): free_port() for port in service.get("ports", [])}
        ports[name] = published
        lines += [f"  {name}:", f"    image: {json.dumps(image)}", "    pull_policy: never"]
        if "build" in service:
            lines.append("    build: !reset null")
        if name.startswith("fetch-"):
            program = ["sh", "-c", FETCH.replace("$", "$$"), "--"]
            lines.append(f"    entrypoint: !override {json.dumps(program)}")
        if "ulimits" in service:
            lines.append("    ulimits: !reset null")
        if service.get("devices"):
            lines += ["    devices: !override", *(f"      - {json.dumps(_nothing(d))}" for d in service["devices"])]
        if published:
            lines += ["    ports: !override", *(_port(port, published) for port in service["ports"])]
        if variables and name in images:
            lines += ["    environment:", *(f"      {key}: {json.dumps(value)}" for key, value in variables.items())]
    return Overlay("\n".join([*lines, ""]), ports)


def _nothing(device: str) -> str:
    """The same place inside; CDI names have none and go through unchanged."""
    outside, colon, inside = device.partition(":")
    return f"{NO_DEVICE}:{inside}" if colon and outside.startswith("/") else device


def _port(port: Mapping[str, Any], published: Mapping[int, int]) -> str:
    row = {**port, "published": str(published[int(port["target"])])}
    return f"      - {json.dumps(row)}"
