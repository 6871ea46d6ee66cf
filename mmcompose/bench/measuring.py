"""One benchmark of one engine that is up: what is told to the client, the run, and what is added afterwards."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmcompose.bench import aftermath, launch, surroundings, vllm_runs
from mmcompose.bench.aftermath import Server
from mmcompose.bench.folders import owner, prepare
from mmcompose.bench.launch import Heard, Stop
from mmcompose.bench.record import RESULT, Record
from mmcompose.core.bench import KINDS, RELEASE
from mmcompose.deploy.engine import EngineError, Files
from mmcompose.deploy.observe import Running, observe

if TYPE_CHECKING:
    from mmcompose.core.benches import Bench
    from mmcompose.deploy.engine import Engine
    from mmcompose.model import Profile

RESULTS = Path("benchmarks/results")
RECEIPTS = "receipts"
"""The pictures in the client's build folder, which it sends where nobody names others."""


class NotUpError(Exception):
    """There is nothing to measure."""


@dataclass(frozen=True, slots=True)
class Job:
    """`words` come behind the preset, so they win; `repeat` is what a person would type again; `context` is the build
    folder of the client's image."""

    root: Path
    project: str
    profile: Profile
    key: str
    bench: Bench
    files: Files
    context: Path
    words: tuple[str, ...] = ()
    images: Path | None = None
    rebuild: bool = False
    repeat: str = ""

    @property
    def results(self) -> Path:
        return self.root / RESULTS


@dataclass(frozen=True, slots=True)
class Finished:
    """`record` is None when the client could not even begin; `said` are its last words."""

    kind: str
    code: int
    record: Record | None
    said: tuple[str, ...]


def measure(engine: Engine, job: Job, tell: Callable[[Heard], None]) -> Finished:
    before = _container(engine, job)
    have_image(engine, job.bench.image, job.context if job.bench.own else None, job.rebuild, tell)
    prepare(job.results, job.bench.kind, job.bench.user)
    name, began = secrets.token_hex(4), time.time()
    known = _context(engine, job, before)
    stop = Stop(engine.docker_command(), container(name))
    with context_file(job.results, name, known) as context:
        if KINDS[job.bench.kind].own:
            more = ("--label", job.profile.name, "--context", context, "--progress", "json")
            ended = launch.run(_command(engine, job, name, more), tell, stop)
            folder = _folder(job, ended.folder, began)
            code = ended.code
        else:
            start = vllm_runs.begin(job.results, job.profile.name, name, known, job.words)
            ended = launch.run(_command(engine, job, name, ("--result-filename", f"{name}.json")), tell, stop)
            code = vllm_runs.end(start, job.results / f"vllm-bench/raw/{name}.json", ended, _load(job))
            folder = start
    if folder is None:
        return Finished(job.bench.kind, code or 4, None, ended.said)
    server = _after(engine, job, before)
    found = aftermath.diagnosis(server, job.profile.name)
    compose = _text(job.files.paths[0])
    try:
        record = aftermath.complete(
            folder, {"diagnosis": found}, server.log, compose, job.images or job.context / RECEIPTS
        )
    except OSError as error:
        raise NotUpError(
            f"{folder} cannot be completed: {error.strerror}; the client's own result lies there"
        ) from error
    return Finished(job.bench.kind, code or (4 if found else 0), record, ended.said)


def container(name: str) -> str:
    return f"mmcompose-bench-{name}"


def _container(engine: Engine, job: Job) -> Running:
    for one in observe(engine, job.project, job.profile.name):
        if one.serves and one.service == job.key and one.status == "running":
            return one
    raise NotUpError(f"{job.profile.name} is not up: `mmcompose up {job.profile.name}`, or leave out --no-autostart")


def have_image(
    engine: Engine,
    image: str,
    context: Path | None,
    rebuild: bool,
    tell: Callable[[Heard], None],
) -> None:
    """Built from its folder, or pulled where it has none."""
    if engine.image(image) is not None and not (rebuild and context):
        return
    words = ("build", "--progress", "plain", "--tag", image, str(context)) if context else ("pull", image)
    ended = launch.run(engine.docker_command(*words), lambda _: None)
    if ended.code:
        raise EngineError("\n".join(ended.said[-20:]) or f"{image} could not be had", ended.code)
    tell(Heard(f"{'built' if context else 'pulled'} {image}"))


def _command(engine: Engine, job: Job, name: str, more: Sequence[str]) -> list[str]:
    preset = [word for argument in job.bench.arguments for word in argument.words]
    mount = ["--volume", f"{job.images.resolve()}:/images/{job.images.name}:ro"] if job.images else []
    images = ["--image", f"/images/{job.images.name}"] if job.images else []
    user = owner(job.results / job.bench.kind)
    options = ["--rm", "--no-deps", "--no-TTY", "--name", container(name), "--user", user, *mount]
    words = [*preset, *images, *job.words, *more]
    return engine.compose_command(job.files, "--progress", "quiet", "run", *options, job.bench.name, *words)


def _context(engine: Engine, job: Job, container: Running) -> dict[str, Any]:
    from mmcompose.deploy import hardware

    inspected = (engine.inspect([container.id]) or [{}])[0]
    client = engine.image(job.bench.image)
    return {
        "run": {
            "repeat_with": job.repeat,
            "tool": {
                "name": "mmbench" if job.bench.own else "vllm bench serve",
                "version": RELEASE if job.bench.own else job.profile.services[job.key].version or "",
                "image": job.bench.image,
                "digest": surroundings.digest(client),
            },
        },
        "target": surroundings.target(job.profile, job.key, container, inspected, engine.image(container.image_id)),
        "host": surroundings.host(engine.info(), engine.version()),
        "gpus": surroundings.gpus(hardware.look()),
        "project": surroundings.project(job.root, job.profile, job.files.paths[0]),
    }


@contextmanager
def context_file(results: Path, name: str, known: Mapping[str, Any]) -> Iterator[str]:
    """The facts as a file that the client can read; its path inside the container."""
    folder = results / ".context"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(known, ensure_ascii=False, default=str), "utf-8")
    path.chmod(0o644)
    try:
        yield f"/results/.context/{path.name}"
    finally:
        with suppress(OSError):
            path.unlink()
            folder.rmdir()


def _folder(job: Job, told: str | None, began: float) -> Path | None:
    """Where the client says that it wrote; one that was killed said nothing."""
    return job.results / told.removeprefix("/results/") if told else newest(job.results, job.bench.kind, began)


def newest(results: Path, kind: str, began: float) -> Path | None:
    """The run that was begun since."""
    found = {path: path.stat().st_mtime for path in results.glob(f"{kind}/*/{RESULT}")}
    since = [path for path, changed in found.items() if changed >= began - 1]
    return max(since, key=lambda path: found[path]).parent if since else None


def _after(engine: Engine, job: Job, before: Running) -> Server:
    found = observe(engine, job.project, job.profile.name)
    after = next((one for one in found if one.serves and one.service == job.key), None)
    log: tuple[str, ...] = ()
    if after is not None:
        with suppress(EngineError):
            log = tuple(engine.logs(after.id, tail=aftermath.LOG_LINES))
    return Server(before, after, log)


def _load(job: Job) -> dict[str, Any]:
    """What the preset of vllm bench says of the load, in our words."""
    given = job.profile.services[job.key].bench_args.get(job.bench.kind) or {}
    names = {"random_input_len": "input_tokens", "random_output_len": "output_tokens", "ignore_eos": "ignore_eos",
             "burstiness": "burstiness", "seed": "seed", "temperature": "temperature"}  # fmt: skip
    return {ours: given[theirs] for theirs, ours in names.items() if theirs in given}


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return ""
