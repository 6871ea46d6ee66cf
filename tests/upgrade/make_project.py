"""Make the project of a release again, by that release's own program: `make_project.py 0798808 first`.

It runs the commit's own code on what a user of it would have: every shipped profile, an own backend with its template,
own profiles, a shipped template that was replaced, seats that a fresh placement would not give, and the results of a
benchmark. To follow a later release, add what it brought, and make one more folder.

It needs this repository's history, Docker, and for the first time the packages of the benchmark's image; public images
only where the bed has none in their place. What it writes is, byte for byte, what that release's program writes, but
for the run: its times and its name are new, the processor and kernel of this machine are replaced, and its report.html
is left out, as is `.mmcompose/`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))  # a script is started with its own folder on the path, not the project
from tests.bed import images, shell  # noqa: E402
from tests.bed.engine import Engine  # noqa: E402
from tests.bed.project import Project  # noqa: E402

NAME = "mm-upgrade"
DESK = """\
description: Our own desk
backend: standin
host: here
ports: {api: auto}
caches: {memory: /memory}
bench: [sanity]
why:
  ports: clients find it by the reverse proxy
"""
CARD = """\
model: glm-ocr
backend: vllm
host: gpu-8x
gpu: {count: 1, share: exclusive}
ports: {api: auto}
args: {max_num_seqs: 4}
"""
LATER = {"zeta": CARD, "desk": DESK, "atlas": DESK.replace("desk", "atlas"), "alpha": CARD}
"""Own profiles in the order in which they came: each sits where the ones before it left room."""
BACKEND = """\
title: Stand-in
accelerators: [cpu]
image: mmcompose-bed/python:3.11-slim-bookworm
listen: {api: 8000}
ports: {api: auto}
mounts: [{source: standin.py, target: /app/standin.py}]
served_name: stand-in
stop_grace_period: 1s
resources: {memory: 128m}
probe: {kind: chat, path: /v1/chat/completions, health: /health, models: /v1/models}
health:
  test: [CMD, python3, -c, "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health')"]
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
HOST = "machine: {accelerator: cpu, memory: 8g, cores: 2, uid: 1000, gid: 1000}\n"
REPLACED = "templates/llamacpp/service.yaml.j2"
MARK = "    # kept by us: the template of llama.cpp that this project replaces\n"


def write_own(folder: Path, program: Path) -> None:
    """What the user wrote beside what `init` wrote."""
    texts = {
        "profiles/backends/standin.yaml": BACKEND,
        "profiles/hosts/here.yaml": HOST,
        "templates/standin/service.yaml.j2": TEMPLATE,
        "standin.py": (program / "tests/deploy/standin.py").read_text("utf-8"),
    }
    first, *others = (program / REPLACED).read_text("utf-8").splitlines(keepends=True)
    texts[REPLACED] = "".join([first, MARK, *others])
    for path, text in texts.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")


@contextmanager
def client_built(folder: Path) -> Iterator[None]:
    """The image of the benchmark client, on the bed's Python where the public one cannot be pulled: the release's own
    program would start from the public one alone. Afterwards it goes, and all else that was started."""
    found = re.search(r'image: "(mmcompose/bench:\w+)"', (folder / "compose/desk.yaml").read_text("utf-8"))
    assert found
    engine = Engine("default")
    images.ensure(engine, ["python"])
    images.build(folder / "compose/build/bench", found[1], engine=engine)
    try:
        yield
    finally:
        Project(engine, NAME, folder).remove()
        engine.docker("image", "rm", found[1])


def tell_nothing_of_this_machine(result: Path) -> None:
    data = json.loads(result.read_text("utf-8"))
    data["host"] |= {"cpu": "A processor", "kernel": "6.1.0"}
    result.write_text(json.dumps(data, indent=1) + "\n", "utf-8")


def main(commit: str, kept_as: str) -> None:
    shell.enter()
    with tempfile.TemporaryDirectory(prefix="mmcompose-release-") as temporary:
        program, home = Path(temporary, "program"), Path(temporary, "home")
        program.mkdir()
        home.mkdir()
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "-x", "-C", str(program)], input=archive, check=True)
        environment = {**os.environ, "PYTHONPATH": str(program), "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}

        folder = Path(temporary, NAME)
        folder.mkdir()

        def mmcompose(*arguments: str) -> None:
            subprocess.run([sys.executable, "-m", "mmcompose", *arguments], cwd=folder, env=environment, check=True)

        mmcompose("init")
        settings = folder / "mmcompose.yaml"
        own = re.sub("^ports: .*$", "ports: 18470-18499", settings.read_text("utf-8"), flags=re.MULTILINE)
        settings.write_text(own, "utf-8")
        write_own(folder, program)
        for name, text in LATER.items():
            (folder / f"profiles/{name}.yaml").write_text(text, "utf-8")
            mmcompose("render")
        with client_built(folder):
            mmcompose("bench", "run", "desk", "sanity")
            mmcompose("down", "desk")
        for result in folder.glob("benchmarks/results/*/*/result.json"):
            tell_nothing_of_this_machine(result)
            (result.parent / "report.html").unlink()
        shutil.rmtree(folder / ".mmcompose", ignore_errors=True)
        target = HERE / "projects" / kept_as
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(folder, target)


if __name__ == "__main__":
    main(*sys.argv[1:])
