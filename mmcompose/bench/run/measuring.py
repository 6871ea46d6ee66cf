"""Runs one benchmark of one engine that is up: prepares the client, runs it, completes its result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmcompose.bench.results.record import Record
from mmcompose.bench.run import aftermath, launch, surroundings
from mmcompose.bench.run.aftermath import Server
from mmcompose.bench.run.begun import Run, context_file, kept_in
from mmcompose.bench.run.folders import owner, prepare
from mmcompose.bench.run.input import Input
from mmcompose.bench.run.kind import ClientKind
from mmcompose.bench.run.launch import ContainerStop, OutputLine
from mmcompose.bench.run.one_at_a_time import refuse_beside_profile
from mmcompose.core.render.compose.unit import Beside
from mmcompose.deploy.docker.engine import DockerEngine, EngineError, Files
from mmcompose.deploy.docker.observe import Running, observe
from mmcompose.engines.known.benchmarks import kinds
from mmcompose.model import Profile, Service
from mmcompose.model.failure import Failure
from mmcompose.model.paths import RESULTS

RECEIPTS = "receipts"
"""The pictures in the client's build folder, which it sends if a person names no others."""


@dataclass(frozen=True, slots=True)
class Job:
    """One measurement. `arguments` stand after the preset, so they win; `advised` ones stand before it. `repeat` is the
    command that measures the same again. `context` is the build folder of the client's image."""

    root: Path
    project: str
    profile: Profile
    key: str
    bench: Beside
    program: ClientKind
    files: Files
    context: Path
    arguments: tuple[str, ...] = ()
    advised: tuple[str, ...] = ()
    given: Input | None = None
    rebuild: bool = False
    repeat: str = ""

    @property
    def results(self) -> Path:
        return self.root / RESULTS

    @property
    def kept_as(self) -> str:
        """The kind of its results."""
        return kinds()[self.bench.kind].results

    @property
    def service(self) -> Service:
        return self.profile.services[self.key]


@dataclass(frozen=True, slots=True)
class Finished:
    """One finished measurement. `record` is None if the client could not even begin; `last_lines` are the end of its
    output."""

    kind: str
    code: int
    record: Record | None
    last_lines: tuple[str, ...]


def measure(engine: DockerEngine, job: Job, tell: Callable[[OutputLine], None]) -> Finished:
    refuse_beside_profile(engine, job.project, job.profile.name)
    before = _container(engine, job)
    have_image(engine, job.bench.image, job.context if job.bench.context else None, job.rebuild, tell)
    prepare(job.results, job.kept_as, job.bench.user)
    run = Run.begun(job.results, job.kept_as, job.profile.name)
    known = _context(engine, job, before)
    known["run"] |= run.known(engine)
    stop = ContainerStop(engine.docker_command(), run.container)
    with kept_in(run.folder), context_file(job.results, run.token, known) as context:
        more = job.program.begin(run, known, context, job.arguments)
        ended = launch.run(_command(engine, job, run.container, more), tell, stop)
        code = job.program.end(run, ended, job.service.bench_args.get(job.bench.kind) or {})
        if not run.written:
            return Finished(job.bench.kind, code or 4, None, ended.last_lines)
        server = _after(engine, job, before)
        found = aftermath.diagnosis(server, job.profile.name)
        images = job.given.place if job.given else job.context / RECEIPTS
        compose = _text(job.files.paths[0])
        record = aftermath.complete(run.folder, job.program, {"diagnosis": found}, server.log, compose, images)
    return Finished(job.bench.kind, code or (4 if found else 0), record, ended.last_lines)


def _container(engine: DockerEngine, job: Job) -> Running:
    for one in observe(engine, job.project, job.profile.name):
        if one.serves and one.service == job.key and one.status == "running":
            return one
    raise Failure(f"{job.profile.name} is not up: `mmcompose up {job.profile.name}`, or leave out --no-autostart")


def have_image(
    engine: DockerEngine,
    image: str,
    context: Path | None,
    rebuild: bool,
    tell: Callable[[OutputLine], None],
) -> None:
    """Builds an image from its folder, or pulls it if it has none."""
    if engine.image(image) is not None and not (rebuild and context):
        return
    step = ("build", "--progress", "plain", "--tag", image, str(context)) if context else ("pull", image)
    text = f"{'building' if context else 'pulling'} {image}"
    tell(OutputLine(text, {"message": text}))
    ended = launch.run(engine.docker_command(*step), lambda _: None)
    if ended.code:
        raise EngineError("\n".join(ended.last_lines[-20:]) or f"{image} could be neither pulled nor built", ended.code)
    tell(OutputLine(f"{'built' if context else 'pulled'} {image}"))


def _command(engine: DockerEngine, job: Job, container: str, more: Sequence[str]) -> list[str]:
    preset = [part for argument in job.bench.arguments for part in argument.words]
    mount = ["--volume", f"{job.given.place.resolve()}:{job.given.inside}:ro"] if job.given else []
    user = owner(job.results / job.kept_as)
    options = ["--rm", "--no-deps", "--no-TTY", "--name", container, "--user", user, *mount]
    arguments = [*job.advised, *preset, *(job.given.arguments if job.given else ()), *job.arguments, *more]
    return engine.compose_command(job.files, "--progress", "quiet", "run", *options, job.bench.name, *arguments)


def _context(engine: DockerEngine, job: Job, container: Running) -> dict[str, Any]:
    from mmcompose.deploy.machine import hardware

    inspected = (engine.inspect([container.id]) or [{}])[0]
    client = engine.image(job.bench.image)
    return {
        "run": {
            "label": job.profile.name,
            "repeat_with": job.repeat,
            "tool": {
                "name": job.program.tool,
                "version": kinds()[job.bench.kind].release(job.service) or "",
                "image": job.bench.image,
                "digest": surroundings.digest(client),
            },
        },
        "target": surroundings.target(job.profile, job.key, container, inspected, engine.image(container.image_id)),
        "host": surroundings.host(engine.info(), engine.version()),
        "gpus": surroundings.gpus(hardware.look()),
        "project": surroundings.project(job.root, job.profile, job.files.paths[0]),
    }


def _after(engine: DockerEngine, job: Job, before: Running) -> Server:
    found = observe(engine, job.project, job.profile.name)
    after = next((one for one in found if one.serves and one.service == job.key), None)
    log: tuple[str, ...] = ()
    if after is not None:
        with suppress(EngineError):
            log = tuple(engine.logs(after.id, tail=aftermath.LOG_LINES))
    return Server(before, after, log)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return ""
