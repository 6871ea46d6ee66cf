"""An engine that nobody here has heard of: a layer, a template and a host, and no line of Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from mmcompose.deploy.handover.plan import plan
from mmcompose.deploy.wanted import wanted_profile
from tests.disk import mmcompose, project
from tests.making import compilation

if TYPE_CHECKING:
    from pathlib import Path

BACKEND = """\
title: Toy
formats: [onnx]
default_for: [onnx]
accelerators: [nvidia, cpu]
rendered_args: [load, port]
version: "1.2.0"
images:
  nvidia: "example.org/toy:{version}-gpu"
  cpu: "example.org/toy:{version}"
builds:
  cpu: {context: "https://example.org/toy.git#{version}"}
listen: {api: 9000}
ports: {api: auto}
derived:
  args.cards: gpu count
probe: {kind: none, health: /health}
health:
  test: [CMD, /toy, ask, "http://127.0.0.1:9000/health"]
why:
  derived: every card that it has
"""
TEMPLATE = """\
  {{ unit.name }}:
{{ part.head(unit) }}
{{ part.entrypoint(unit, ["/toy"]) }}
    command:
      - --load
      - {{ unit.model }}
{{ part.arguments(unit) }}
{{ part.tail(unit) }}
"""
HOST = """\
machine:
  accelerator: nvidia
  gpus: [{name: A, vram: 8g, uuid: GPU-a}, {name: B, vram: 8g}]
  memory: 8g
  cores: 2
  uid: 7
  gid: 8
"""
PROFILE = """\
host: bench
weights: {path: models/net.onnx, format: onnx}
gpu: {count: 2}
args: {speed: 3}
why: {args.speed: as fast as it goes}
"""
FILES = {
    "profiles/backends/toy.yaml": BACKEND,
    "templates/toy/service.yaml.j2": TEMPLATE,
    "profiles/hosts/bench.yaml": HOST,
    "play": PROFILE,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return project(tmp_path, FILES)


def test_it_is_chosen_by_its_format_and_valid(folder: Path) -> None:
    assert mmcompose(folder, "validate", "--format", "json") == (0, "[]\n", "")


def test_it_renders_with_image_devices_port_and_arguments(folder: Path) -> None:
    assert mmcompose(folder, "render").code == 0
    made = yaml.safe_load((folder / "compose/play.yaml").read_text())["services"]["play"]
    assert made["image"] == "example.org/toy:1.2.0-gpu"
    assert made["entrypoint"] == ["/toy"]
    assert made["command"] == ["--load", "/models/net.onnx", "--speed", "3", "--cards", "2"]
    assert made["deploy"]["resources"]["reservations"]["devices"][0]["device_ids"] == ["GPU-a", "1"]
    assert (made["user"], made["ports"][0]["target"]) == ("7:8", 9000)


def test_it_is_explained_to_the_line(folder: Path) -> None:
    assert mmcompose(folder, "explain", "play", "image").out.splitlines()[0].split() == [
        "image", "=", "example.org/toy:1.2.0-gpu", "profiles/backends/toy.yaml:6:1",
    ]  # fmt: skip
    assert "why: as fast as it goes" in mmcompose(folder, "explain", "play", "args.speed").out


@pytest.mark.parametrize(
    ("arguments", "image"),
    [
        (("--backend-version", "1.3.0"), "example.org/toy:1.3.0-gpu"),
        (("--image", "example.org/mine:7"), "example.org/mine:7"),
        (("--image-type", "build", "--set", "gpu.count=0"), "mmcompose/toy:cpu-1.2.0"),
    ],
)
def test_values_of_the_command_line_hold_for_it_too(folder: Path, arguments: tuple[str, ...], image: str) -> None:
    assert mmcompose(folder, "explain", "play", "image", *arguments).out.split()[2] == image


def test_what_is_wrong_with_it_is_reported_at_its_line(folder: Path) -> None:
    (folder / "profiles/play.yaml").write_text("backend: toy\n" + PROFILE.replace("format: onnx", "format: gguf"))
    answer = mmcompose(folder, "validate")
    assert answer.code == 2
    assert "play.yaml:3:34: weights.format: Toy does not load gguf (it loads onnx)" in answer.err


def test_up_plans_it_with_its_image_cards_and_readiness() -> None:
    made = compilation({path if "." in path else f"profiles/{path}.yaml": text for path, text in FILES.items()})
    assert made.stack is not None
    (wanted,) = (found := plan(wanted_profile(made.stack, "play"), made.stack, [])).wanted.services
    assert found.free
    assert (wanted.image, wanted.gpus, wanted.listen) == ("example.org/toy:1.2.0-gpu", ("GPU-a", "1"), 9000)
    assert (wanted.probe.kind, wanted.probe.health) == ("none", "/health")
