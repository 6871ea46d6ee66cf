"""From a profile or an address to the runs that measure it, one after the other."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mmcompose.cli import bench_staying as staying
from mmcompose.cli.bench_runs import settle_all
from mmcompose.cli.bringing import Here, Wish, bring, fresh
from mmcompose.cli.choosing import chosen
from mmcompose.cli.failing import docker
from mmcompose.cli.here import compiled
from mmcompose.cli.modelled import model_in_place
from mmcompose.cli.output import Invalid, fail, note, typed
from mmcompose.deploy.interruption import terminable

if TYPE_CHECKING:
    from mmcompose.bench.measuring import Finished
    from mmcompose.cli.bench_progress import Progress
    from mmcompose.core.benches import Bench
    from mmcompose.core.pipeline import Compilation
    from mmcompose.core.resolve import Override
    from mmcompose.deploy.engine import Engine, Files
    from mmcompose.model import Service


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for. `more` are the client's own options; `typed` is the command as it was typed.

    `parting`: at the end it is told what stays up."""

    kinds: Sequence[str] = ()
    more: Sequence[str] = ()
    values: Sequence[Override] = ()
    service: str | None = None
    images: Path | None = None
    autostart: bool = True
    take: bool = False
    rebuild: bool = False
    build_only: bool = False
    patience: float | None = None
    typed: str = ""
    parting: bool = True


def profile_runs(folder: str, word: str, asked: Asked, progress: Progress) -> Generator[Finished]:
    """Each kind of each service; the profile is brought up first unless it must not be."""
    here = fresh(folder)
    here, name = model_in_place(here, word, asked.values) or (here, chosen(here.made.profiles, word))
    place, made = here.root, here.made
    _no_vram(made, name, asked)
    made = _with_kinds(here, name, asked)
    work = _work(made, name, asked)
    know_options(made, asked, made.profiles[name].services[work[0][0]])
    if asked.build_only:
        _have(here, made, name, work, asked, progress)
        return
    _refuse_a_second(made, name)
    before = staying.look(made.stack.project.name) if asked.autostart and made.stack else {}
    if asked.autostart:
        bring(
            here,
            name,
            asked.values,
            Wish(timeout=asked.patience, rebuild=asked.rebuild, take=asked.take, taking=typed("--take")),
        )
    files = _files(here, made, name)
    with terminable(), docker(name) as engine:
        settle_all(folder, engine)
        try:
            yield from _measured(engine, place, made, name, work, files, asked, progress)
        finally:
            if here.more and asked.autostart:
                _leave(engine, made, name)
            elif asked.autostart and asked.parting:
                assert made.stack is not None
                staying.tell(engine, made.stack.project.name, name, before)


def _refuse_a_second(made: Compilation, name: str) -> None:
    """Before anything is brought up, or up with other values, under the one that is measured."""
    from mmcompose.bench.measuring import NotUpError, refuse_a_second

    assert made.stack is not None
    with docker(name) as engine:
        try:
            refuse_a_second(engine, made.stack.project.name, name)
        except NotUpError as busy:
            fail(str(busy), profile=name)


def all_up(folder: str, asked: Asked, progress: Progress) -> Generator[Finished]:
    """A sanity check of each profile that is up: what runs is asked as it is, and nothing is started."""
    from mmcompose.core.bench import KINDS
    from mmcompose.deploy.observe import deployments, observe

    here = fresh(folder)
    assert here.made.project is not None
    with docker() as engine:
        up = [one.profile for one in deployments(observe(engine, here.made.project.name)) if one.alive]
    able = [name for name in up if name in here.made.profiles and _may_be_asked(here.made, name, KINDS["sanity"].asks)]
    for name in sorted(set(up) - set(able)):
        note(f"{name}: nothing that a sanity check could ask")
    if not able:
        fail("nothing is up that could be measured; say which profile, or an endpoint with --against URL", 1)
    for name in able:
        yield from profile_runs(folder, name, replace(asked, kinds=["sanity"], autostart=False), progress)


def _may_be_asked(made: Compilation, name: str, kinds: Sequence[str]) -> bool:
    return any(engine.probe.kind in kinds for engine in made.profiles[name].engines.values())


def _have(
    here: Here, made: Compilation, name: str, work: Sequence[tuple[str, Bench]], asked: Asked, progress: Progress
) -> None:
    """The images that a run would need, and nothing more."""
    from mmcompose.bench.measuring import have_image

    bring(here, name, asked.values, Wish(rebuild=asked.rebuild, build_only=True))
    context = build_folder(here.root, made, judged=True)
    with docker(name) as engine:
        for bench in {bench.image: bench for _, bench in work}.values():
            try:
                have_image(engine, bench.image, context if bench.own else None, asked.rebuild, progress)
            finally:
                progress.end()


def _leave(engine: Engine, made: Compilation, name: str) -> None:
    """What no profile describes is not left behind: it would hold a GPU or a port that nobody finds in profiles/."""
    from mmcompose.deploy.down import take_down
    from mmcompose.deploy.observe import deployments, observe

    assert made.stack is not None
    for one in deployments(observe(engine, made.stack.project.name, name)):
        take_down(engine, one)
        note(f"{name} is down")
    staying.tell_volumes(made.stack, name)


def _measured(
    engine: Engine,
    place: Path,
    made: Compilation,
    name: str,
    work: Sequence[tuple[str, Bench]],
    files: Files,
    asked: Asked,
    progress: Progress,
) -> Iterator[Finished]:
    from mmcompose.bench.measuring import Job, NotKeptError, NotUpError, measure

    assert made.stack is not None
    context = build_folder(place, made, judged=True)
    for key, bench in work:
        note(f"{bench.kind}: {bench.name}")
        job = Job(
            root=place,
            project=made.stack.project.name,
            profile=made.profiles[name],
            key=key,
            bench=bench,
            files=files,
            context=context,
            words=tuple(asked.more),
            images=asked.images if bench.kind == "ocr-sweep" else None,
            rebuild=asked.rebuild,
            repeat=asked.typed,
        )
        try:
            finished = measure(engine, job, progress if bench.own else progress.spoken)
        except NotUpError as wrong:
            progress.end()
            fail(str(wrong))
        except NotKeptError as full:
            progress.end()
            fail(str(full), 4)
        finally:
            progress.end()
        yield finished  # only now, for whoever takes it prints it
        if bench.kind == "sanity" and finished.code and (key, bench) != work[-1]:
            note("the sanity check failed, so nothing more is measured; name the other kinds to do it all the same")
            return


def _with_kinds(here: Here, name: str, asked: Asked) -> Compilation:
    """The project, in which the profile has the kinds that are asked for; what is wrong with them is told."""
    from mmcompose.core.overrides import parse

    made = here.made
    listed = {kind for service in made.profiles[name].services.values() for kind in service.bench}
    added, problems = parse([f"bench+={kind}" for kind in asked.kinds if kind not in listed])
    if problems:
        fail("\n".join(map(str, problems)), 2)
    if not added and not asked.values and not here.more:
        return made
    other = compiled(here.folder, [*asked.values, *added], only=name, more=here.more)
    wrong = [problem for problem in other.problems if problem.severity == "error"]
    if wrong:
        raise Invalid(wrong)
    return other


def _files(here: Here, made: Compilation, name: str) -> Files:
    """The committed files where they have these kinds; else files that have them too, kept aside."""
    from mmcompose.deploy import aside

    assert made.stack is not None
    project = made.stack.project.name
    if made is here.made and not here.more:
        files = aside.committed(here.root, project, name)
    else:
        texts, wrong = made.artifacts()
        if wrong:
            raise Invalid(wrong)
        try:
            files = aside.overridden(here.root, project, name, texts)
        except OSError as error:
            fail(f"{aside.NAME}/ cannot be written: {error.strerror or error}", 4)
    return files._replace(profile=f"bench-{name}")


def _no_vram(made: Compilation, name: str, asked: Asked) -> None:
    """A load is measured from before it begins, so nothing may be up for it, and no container beside it can look."""
    own = {kind for service in made.profiles[name].services.values() for kind in service.bench}
    if "vram" in asked.kinds or (not asked.kinds and own == {"vram"}):
        fail(f"vram is measured from outside, while {name} loads and unloads: mmcompose bench vram {name}", 2)


def _work(made: Compilation, name: str, asked: Asked) -> list[tuple[str, Bench]]:
    units, kinds = made.units(name), list(asked.kinds)
    if asked.service is not None and asked.service not in units:
        fail(f"{name} has no service {asked.service!r}; it has {', '.join(units)}", 2)
    found = [
        (key, bench)
        for key, unit in units.items()
        if asked.service in (None, key)
        for bench in unit.benches
        if not kinds or bench.kind in kinds
    ]
    if not found:
        from mmcompose.core.bench import KINDS

        fail(f"{name} has nothing to measure: write `bench:` into it, or name one of {', '.join(KINDS)}", 2)
    return sorted(found, key=lambda pair: kinds.index(pair[1].kind)) if kinds else found


def know_options(made: Compilation, asked: Asked, service: Service | None = None) -> None:
    """Options of the client's that it does not have are told before anything is brought up for it."""
    from mmcompose.core.bench import KINDS, OF_A_PERSON, RELEASE, refused_options, release

    for name in asked.kinds if asked.more else ():
        version = release(KINDS[name], service) if service else RELEASE
        # At an address nobody else says which model is meant.
        free = OF_A_PERSON if service else (*OF_A_PERSON, "model")
        wrong = list(refused_options(KINDS[name], version, asked.more, made.given.histories, free))
        if wrong:
            fail("\n".join(wrong), 2)


def build_folder(place: Path, made: Compilation, *, judged: bool) -> Path:
    """The client's build folder: the emitted one, where that was `judged` to be what a render writes; else one kept
    aside, which holds nothing but what the client is made of."""
    from mmcompose.core.bench import CONTEXT
    from mmcompose.deploy import aside

    emitted = place / "compose/build" / CONTEXT
    if judged and emitted.is_dir():
        return emitted
    files: Mapping[str, bytes] = made.contexts.get(CONTEXT, {})
    texts = {path: data.decode("utf-8", "surrogateescape") for path, data in files.items()}
    return aside.context(place, CONTEXT, texts)
