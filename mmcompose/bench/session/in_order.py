"""Measures one piece of work after the other; a failed gate ends the session."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from mmcompose.bench.kinds import known
from mmcompose.bench.run import measuring
from mmcompose.bench.run.launch import OutputLine
from mmcompose.bench.run.measuring import Finished, Job
from mmcompose.bench.session.sampling import advised
from mmcompose.bench.session.work import Request
from mmcompose.core.pipeline import Compilation
from mmcompose.core.render.compose.unit import Beside
from mmcompose.deploy.docker.engine import DockerEngine
from mmcompose.deploy.start import aside
from mmcompose.deploy.start.at_hand import AtHand
from mmcompose.engines.known.benchmarks import Kind, contained
from mmcompose.model.targets import BUILD, COMPOSE

Listener = Callable[[Kind], Callable[["OutputLine"], None]]


def measured(
    engine: DockerEngine,
    here: AtHand,
    name: str,
    work: Sequence[tuple[str, Beside]],
    request: Request,
    listener: Listener,
    note: Callable[[str], None],
) -> Iterator[Finished]:
    """Yields each result before the next measurement begins; `listener` makes the receiver of a program's output."""
    files = here.files(name)._replace(profile=f"bench-{name}")
    for key, bench in work:
        kind = contained()[bench.kind]
        note(f"{bench.kind}: {bench.name}")
        profile = here.made.profiles[name]
        job = Job(
            root=here.root,
            project=here.name,
            profile=profile,
            key=key,
            bench=bench,
            program=known.of(kind.results),
            files=files,
            context=build_folder(here.root, here.made, kind.context, judged=True),
            arguments=tuple(request.more),
            advised=advised(here.made, profile.services[key]) if kind.evaluates else (),
            given=request.given_to(kind),
            rebuild=request.rebuild,
            repeat=request.typed,
        )
        finished = measuring.measure(engine, job, listener(kind))
        yield finished
        if kind.gate and finished.code and (key, bench) != work[-1]:
            note("the sanity check failed, so nothing more is measured; name the other kinds to do it all the same")
            return


def have_images(
    engine: DockerEngine,
    here: AtHand,
    work: Sequence[tuple[str, Beside]],
    request: Request,
    tell: Callable[[OutputLine], None],
) -> None:
    """Gets the images of the work, and nothing more."""
    for bench in {bench.image: bench for _, bench in work}.values():
        context = build_folder(here.root, here.made, contained()[bench.kind].context, judged=True)
        measuring.have_image(engine, bench.image, context if bench.context else None, request.rebuild, tell)


def build_folder(place: Path, made: Compilation, name: str, *, judged: bool) -> Path:
    """A build folder of ours: the one in compose/, if it was `judged` to match a render; else a fresh copy in
    .mmcompose/."""
    emitted = place / COMPOSE.name / BUILD / name
    if judged and emitted.is_dir():
        return emitted
    texts = {path: data.decode("utf-8", "surrogateescape") for path, data in made.contexts.get(name, {}).items()}
    return aside.context(place, name, texts)
