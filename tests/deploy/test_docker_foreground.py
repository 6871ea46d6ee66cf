"""A real llama.cpp in the foreground: `serve` for a model without a profile, `switch --follow` for a profile."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from tests.bed import names
from tests.bench.playground import PATIENCE, Bench

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.bed.engine import Engine

pytestmark = pytest.mark.docker

PROFILE = """
    backend: llamacpp
    image: {image}
    weights: {{path: models/{model}, format: gguf}}
    served_name: tiny
    args: {{ctx_size: 512, parallel: 1, threads: 1}}
    resources: {{memory: 1g}}
    security: {{user: "1000:1000"}}
    health: {{interval: 1s}}
"""
SMALL = (
    "args.ctx_size=512",
    "args.threads=1",
    "resources.memory=1g",
    'security.user="1000:1000"',
    "health.interval=1s",
)


@pytest.fixture(scope="module")
def llama(
    docker: Engine,
    llama_image: str,
    tiny_gguf: Path,
    free_port: Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Bench]:
    name = names.new()
    project = Bench(docker, tmp_path_factory.mktemp(name), name)
    names.note(project.project)
    project.folder.chmod(0o755)
    low = free_port()
    project.file("mmcompose.yaml", f"name: {name}\nbind: 127.0.0.1\nports: {low}-{low + 9}\nhost: here\n")
    machine = f"accelerator: cpu, memory: 6g, cores: 2, uid: {os.getuid()}, gid: {os.getgid()}"
    project.file("profiles/hosts/here.yaml", f"machine: {{{machine}}}\n")
    project.file("profiles/job.yaml", PROFILE.format(image=llama_image, model=tiny_gguf.name))
    project.file("models/.keep", "")
    (project.folder / "models" / tiny_gguf.name).write_bytes(tiny_gguf.read_bytes())
    project.right("render")
    yield project
    names.end(project.project)


@pytest.fixture
def model(llama: Bench) -> str:
    return str(next((llama.folder / "models").glob("*.gguf")))


@pytest.fixture
def small(llama_image: str) -> list[str]:
    return ["--image", llama_image, *(term for each in SMALL for term in ("--set", each))]


def read_until(process: subprocess.Popen[str], *wanted: str) -> str:
    """What it prints until each of these texts was there; a process that prints none of them is killed at last."""
    late = threading.Timer(PATIENCE, process.kill)
    late.start()
    assert process.stdout is not None
    seen = ""
    try:
        for line in process.stdout:
            seen += line
            if all(text in seen for text in wanted):
                return seen
    finally:
        late.cancel()
    raise AssertionError(seen)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    printed, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, printed


def left(llama: Bench) -> list[str]:
    """The containers and networks of the project."""
    ours = ("--filter", f"name={llama.name}", "--format")
    containers = llama.engine.docker("ps", "--all", *ours, "{{.Names}}").split()
    return containers + llama.engine.docker("network", "ls", *ours, "{{.Name}}").split()


def test_a_model_is_served_by_its_path_until_sigterm(llama: Bench, model: str, small: list[str]) -> None:
    process = llama.begin("serve", model, *small)
    before = read_until(process, "backend: llamacpp", "is ready after", "runs in the foreground")
    address = before.partition("is ready after")[2].partition(" at ")[2].split()[0]
    question = '{"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 2}'
    curl = ("curl", "-s", "-H", "Content-Type: application/json", "-d", question, f"{address}/v1/chat/completions")
    assert os.spawnvp(os.P_WAIT, "curl", [*curl, "-o", os.devnull]) == 0
    read_until(process, f"adhoc-{model.rpartition('/')[2].removesuffix('.gguf')} | ")
    process.terminate()
    code, printed = ended(process)
    assert (code, "is down" in printed, left(llama)) == (0, True, []), printed
    assert [path.name for path in (llama.folder / "profiles").glob("*.yaml")] == ["job.yaml"]


def test_one_command_starts_a_model_asks_it_and_stops_it(llama: Bench, model: str, small: list[str]) -> None:
    done = llama.call("serve", model, "--test", *small)
    assert (done.code, left(llama)) == (0, []), done.err
    assert "backend: llamacpp" in done.out
    assert done.out.splitlines()[-1].endswith(" s)"), "the answer is shown"


def test_a_profile_in_the_foreground_goes_down_at_the_end_although_it_was_up_before(llama: Bench) -> None:
    llama.right("up", "job")
    process = llama.begin("switch", "job", "--follow")
    read_until(process, "runs in the foreground")
    process.send_signal(signal.SIGINT)
    code, printed = ended(process)
    assert (code, left(llama)) == (0, []), printed


def test_an_engine_that_is_killed_ends_the_foreground_as_a_failure(llama: Bench) -> None:
    process = llama.begin("switch", "job", "--follow")
    read_until(process, "runs in the foreground")
    llama.engine.docker("kill", f"{llama.name}-job")
    code, printed = ended(process)
    assert (code, left(llama)) == (4, []), printed
    assert "job ended: it stopped by itself with exit code 137, it was killed" in printed


def test_it_survives_a_restart_and_ends_well_when_another_command_takes_the_profile_down(llama: Bench) -> None:
    process = llama.begin("switch", "job", "--follow")
    read_until(process, "runs in the foreground")
    llama.right("restart", "job")
    read_until(process, "job | ")
    assert process.poll() is None
    llama.right("down", "job")
    code, printed = ended(process)
    assert (code, left(llama)) == (0, []), printed
    assert "job was stopped by another command" in printed
