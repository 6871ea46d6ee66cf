"""A project of a test's own on a real engine, and mmcompose run in it as a person runs it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent
from typing import TYPE_CHECKING, Any

from mmcompose.files.write import render
from tests import forked
from tests.bed.recipes import RECIPES

if TYPE_CHECKING:
    from tests.bed.engine import Engine
    from tests.bed.project import Project

HERE = Path(__file__).parent
IMAGE = RECIPES["python"].tag

BACKEND = f"""\
title: Stand-in
accelerators: [nvidia, intel, cpu]
image: {IMAGE}
listen: {{api: 8000}}
ports: {{api: auto}}
mounts: [{{source: standin.py, target: /app/standin.py}}]
served_name: stand-in
stop_grace_period: 1s
resources: {{memory: 128m}}
probe: {{kind: chat, path: /v1/chat/completions, health: /health, models: /v1/models, secret: api-key}}
health:
  # A Python each second would take a tenth of a core for each engine that is up.
  test:
    - CMD
    - bash
    - -c
    - "exec 3<>/dev/tcp/127.0.0.1/8000; printf 'GET /health HTTP/1.0\\r\\n\\r\\n' >&3; head -n1 <&3 | grep ' 200 '"
  interval: 1s
  timeout: 2s
  retries: 2
  start_period: 30s
"""

TEMPLATE = """\
  {{ unit.name }}:
{{ part.head(unit) }}
{{ part.entrypoint(unit, ["python3", "-u", "/app/standin.py"]) }}
    command:
      - --name
      - {{ unit.service.served_name }}
{{ part.arguments(unit) }}
{{ part.tail(unit) }}
"""

HOSTS = {
    "here": "machine: {accelerator: cpu, memory: 16g, cores: 2, uid: 1000, gid: 1000}\n",
    "big": "machine: {accelerator: cpu, memory: 16g, cores: 600, uid: 1000, gid: 1000}\n",
    "cards": """\
        machine:
          accelerator: nvidia
          gpus: [{name: Simulated, vram: 12g}, {name: Simulated, vram: 12g}]
          memory: 16g
          cores: 2
          uid: 1000
          gid: 1000
        """,
    "igpu": """\
        machine:
          accelerator: intel
          gpus: [{name: Integrated, vram: 8g}]
          memory: 16g
          cores: 2
          uid: 1000
          gid: 1000
          groups: {render: 109}
          devices: [/dev/dri/renderD199]
        """,
}


@dataclass(frozen=True)
class Answer:
    """What a run of mmcompose ended with."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines() if line.startswith("{")]

    @property
    def failure(self) -> dict[str, Any]:
        return next((one for one in reversed(self.events) if one["event"] in ("failed", "refused")), {})

    def phases(self) -> list[str]:
        return [one["phase"] for one in self.events if one["event"] == "reached"]


@dataclass(frozen=True)
class Playground:
    """`project` gives the name and removes whatever is left under it; `port` is where its port range begins."""

    project: Project
    port: int

    @property
    def folder(self) -> Path:
        return self.project.folder

    @property
    def engine(self) -> Engine:
        return self.project.engine

    @property
    def name(self) -> str:
        return self.project.name

    def set_up(self, host: str = "here") -> Playground:
        settings = f"name: {self.name}\nbind: 127.0.0.1\nports: {self.port}-{self.port + 9}\nhost: {host}\n"
        self.project.write(settings, "mmcompose.yaml")
        self.project.write(BACKEND, "profiles/backends/standin.yaml")
        self.project.write(TEMPLATE, "templates/standin/service.yaml.j2")
        for name, text in HOSTS.items():
            self.project.write(dedent(text), f"profiles/hosts/{name}.yaml")
        shutil.copy(HERE / "standin.py", self.folder / "standin.py")
        return self

    def profile(self, name: str, text: str = "", **args: object) -> Playground:
        """A profile of the stand-in, with these flags; the text adds settings, or replaces the backend."""
        lines = [dedent(text).rstrip()] if text.strip() else []
        if "backend:" not in text:
            lines.insert(0, "backend: standin")
        if args:
            lines.append("args:\n" + indent("\n".join(f"{key}: {json.dumps(v)}" for key, v in args.items()), "  "))
        self.project.write("\n".join(lines) + "\n", f"profiles/{name}.yaml")
        return self

    def render(self) -> Playground:
        outcome = render.render(self.folder, force=True)
        assert not outcome.failed, "\n".join(map(str, outcome.problems))
        return self

    def command(self, *arguments: str) -> list[str]:
        program = Path(sys.executable).with_name("mmcompose")
        return [*self.engine.inside, str(program), "-C", str(self.folder), *arguments]

    def run(self, *arguments: str, timeout: float = 600) -> Answer:
        network = next((term.removeprefix("--net=") for term in self.engine.inside if term.startswith("--net=")), "")
        done = forked.run(
            ["-C", str(self.folder), *arguments],
            Path.cwd(),
            self.engine.environment(),
            network=network,
            timeout=timeout,
        )
        # What an engine printed is shown indented; a line that begins so would be ours.
        assert "\nTraceback" not in f"\n{done.err}", done.err
        return Answer(*done)

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """The same from its very start, left running."""
        return subprocess.Popen(
            self.command(*arguments),
            env=self.engine.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def up(self, name: str, *more: str, timeout: float = 300) -> Answer:
        return self.run("up", name, "--format", "json", "--timeout", str(timeout), *more)

    def switch(self, name: str, *more: str, timeout: float = 300) -> Answer:
        return self.run("switch", name, "--format", "json", "--timeout", str(timeout), *more)

    def running(self) -> dict[str, str]:
        """Container → its status, for all of this project but one-shots."""
        listed = self.engine.docker(
            *("container", "ls", "--all", "--filter", f"label=mmcompose.project={self.name}"),
            *("--format", '{{.Names}} {{.State}} {{.Label "mmcompose.role"}}'),
        )
        rows = [line.split(" ") for line in listed.splitlines()]
        return {row[0].removeprefix(f"{self.name}-"): row[1] for row in rows if row[2] == ""}

    def identity(self, profile: str) -> str:
        return self.engine.docker(
            "inspect", "--format", "{{.Id}} {{.State.StartedAt}}", f"{self.name}-{profile}"
        ).strip()
