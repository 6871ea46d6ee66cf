"""A project on the bed's engine, whose engine is measured by real benchmarks."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from mmcompose.bench.results.record import below
from tests import forked
from tests.bed import images
from tests.bed.project import Project
from tests.bench.test_record import SCHEMA

if TYPE_CHECKING:
    from mmcompose.bench.results.record import Record
    from tests.bed.engine import Engine

MMCOMPOSE = str(Path(sys.executable).with_name("mmcompose"))
PATIENCE = 600
LLAMA = """
    backend: llamacpp
    image: {image}
    weights: {{path: models/{model}, format: gguf}}
    served_name: tiny
    args: {{ctx_size: 4096, parallel: 4, threads: 1, metrics: true}}
    resources: {{memory: 1g}}
    security: {{user: "1000:1000"}}
    health: {{interval: 1s}}
    bench: [sanity, load]
    bench_args: {{load: {{concurrency: [1, 2], requests: 110, input_tokens: 16, output_tokens: 8}}}}
"""


class Bench:
    """A project in a folder of its own, on the bed's engine."""

    def __init__(self, engine: Engine, folder: Path, name: str) -> None:
        self.engine, self.folder, self.name = engine, folder, name
        self.environment = {**engine.environment(), "HOME": str(folder)}

    @property
    def project(self) -> Project:
        return Project(self.engine, self.name, self.folder)

    def file(self, path: str, text: str) -> None:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(dedent(text))

    def call(self, *arguments: str) -> forked.Ended:
        return forked.run(arguments, self.folder, self.environment, timeout=PATIENCE)

    def right(self, *arguments: str) -> str:
        done = self.call(*arguments)
        assert done.code == 0, done.out + done.err
        return done.out

    def up(self) -> Bench:
        """With its engine up, whoever used it before."""
        mine = ("--filter", f"name=^/{self.name}-job$")
        if not self.engine.docker("ps", "--quiet", "--filter", "health=healthy", *mine).strip():
            self.right("up", "job")
        return self

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [MMCOMPOSE, *arguments], cwd=self.folder, env=self.environment, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def runs(self, kind: str) -> list[Record]:
        return [record for record in below(self.folder / "benchmarks/results") if record.kind == kind]

    def client(self) -> str:
        """The client's image, built as the bed builds images, under the name that the compose files use."""
        text = (self.folder / "compose/job.yaml").read_text()
        tag = text.partition("mmcompose/bench:")[2].partition('"')[0]
        images.build(self.folder / "compose/build/bench", f"mmcompose/bench:{tag}", engine=self.engine)
        return tag


def checked(record: Record) -> dict[str, Any]:
    data = json.loads((record.folder / "result.json").read_text())
    Draft202012Validator(SCHEMA).validate(data)
    return dict(data)


def begun(bench: Bench, *arguments: str) -> tuple[subprocess.Popen[str], Path]:
    """A long run, and its folder once it is under load."""
    bench.up()
    known = {record.folder for record in bench.runs("load")}
    endless = ("--concurrency", "2", "--requests", "1000000")
    process = bench.begin("bench", "run", "job", "load", "--no-autostart", *arguments, "--", *endless)
    for _ in range(3000):
        found = [record.folder for record in bench.runs("load") if record.folder not in known]
        if found and under_load(bench):
            return process, found[0]
        if process.poll() is not None:
            break
        time.sleep(0.1)
    process.kill()
    raise AssertionError(process.communicate()[0])


def under_load(bench: Bench) -> bool:
    """Whether the client says that ten requests were answered: the probes are over."""
    names = bench.engine.docker("ps", "--quiet", "--filter", "name=mmcompose-bench-").split()
    logs = [subprocess.run(
        bench.engine.command("logs", name), env=bench.engine.environment(), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False,
    ) for name in names]  # fmt: skip
    return any(re.search(r'"ok": ?[1-9][0-9]', reported.stdout) for reported in logs)
