"""Runs `mmcompose bench vram` for one profile from start to end: measures, reports, keeps the result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mmcompose.bench.report.vram import Measured, Report
from mmcompose.bench.run import surroundings
from mmcompose.bench.run.folders import prepare
from mmcompose.bench.vram import profile_figures, run_folder, zoo_figures
from mmcompose.bench.vram.engine_log import known_as
from mmcompose.bench.vram.patience import Patience
from mmcompose.bench.vram.run_folder import RunFolder
from mmcompose.bench.vram.sampling import Sampler, size
from mmcompose.bench.vram.stay import Stay
from mmcompose.deploy.docker.engine import DockerEngine
from mmcompose.deploy.machine.gpu_memory import Reader
from mmcompose.deploy.ready.events import Event
from mmcompose.deploy.start.order import Order
from mmcompose.model import Profile, Stack
from mmcompose.model.paths import RESULTS


@dataclass(frozen=True, slots=True)
class VramJob:
    engine: DockerEngine
    stack: Stack
    order: Order
    profile: Profile
    reader: Reader
    patience: Patience
    repeat: str = ""


@dataclass(frozen=True, slots=True)
class VramRun:
    report: Report
    folder: Path
    reading: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ears:
    """Receivers of progress: a model begins, a model is done, an event of the start."""

    begins: Callable[[str], None]
    done: Callable[[Measured], None]
    event: Callable[[Event], None]


def run(job: VramJob, ears: Ears) -> VramRun:
    """Measures. An interruption is noted in the result, takes the profile down, and is raised again."""
    results = job.order.root / RESULTS
    prepare(results, run_folder.KIND, f"{job.profile.host.uid}:{job.profile.host.gid}")
    reading = _reading_of(job.reader)
    folder = run_folder.make(results, job.profile.name, _place(job), reading, job.repeat)
    stay = Stay(job.engine, job.stack, job.order, ears.event)
    measured: list[Measured] = []
    total = size(job.reader.read())

    def so_far() -> Report:
        skipped = [name for name, model in zoo_figures.models(job.profile).items() if not model.enabled]
        return run_folder.of(measured, total, folder.started, skipped=skipped, notes=notes(job, measured))

    folder.write(so_far())
    try:
        for one in _measured(job, stay, folder, ears):
            measured.append(one)
            _know(job, stay, folder)
            ears.done(one)
            folder.write(so_far())
    except KeyboardInterrupt:
        folder.end(so_far(), stay.log, "aborted", "interrupted", 130)
        raise
    code = 0 if all(one.ok for one in measured) else 4
    folder.end(so_far(), stay.log, "complete", None, code)
    return VramRun(so_far(), folder.path, reading)


def _measured(job: VramJob, stay: Stay, folder: RunFolder, ears: Ears) -> Iterator[Measured]:
    if zoo_figures.is_zoo(job.profile):
        fresh = partial(Sampler, job.reader)
        for one, sampler in zoo_figures.measure(stay, job.profile, fresh, job.patience, ears.begins):
            if sampler is not None:
                folder.series(one.name, sampler, stay.ids)
            yield one
        return
    ears.begins(job.profile.name)
    with Sampler(job.reader) as sampler:
        one = profile_figures.measure(stay, job.profile, sampler, job.patience)
    folder.series(one.name, sampler, stay.ids)
    yield one


def notes(job: VramJob, measured: Sequence[Measured]) -> list[str]:
    """The warnings that a reader must know before trusting a figure."""
    found = []
    if job.reader.source is None:
        found.append(f"GPU memory could not be read: {job.reader.why}")
    elif job.reader.source != "nvml":
        found.append("memory was read by nvidia-smi, which is read less often than NVML: short peaks are missed")
    shared = [one.name for one in measured if one.more.get("shared")]
    unsure = [one.name for one in measured if one.more.get("shared") is None and one.more.get("samples")]
    if shared:
        found.append(f"others were on the GPU while {', '.join(shared)} was measured: its figures are theirs too")
    if unsure:
        found.append(f"it is not known whether others were on the GPU while {', '.join(unsure)} was measured")
    greedy = [engine.name for engine in job.profile.engines.values() if known_as(engine).fills_its_share]
    found += [
        f"{job.profile.name}: {backend} takes the share of the card that it is set to, whatever the model; "
        "the weights and the KV cache by its own log stand in the JSON"
        for backend in dict.fromkeys(greedy)
    ]
    found += [line for one in measured if one.ok for line in _silent(job.profile, one)]
    contexts = [one.more["context_mib"] for one in measured if one.more.get("context_mib") is not None]
    if contexts:
        found.append(
            f"the figures of {job.profile.name} are the models' own: each process takes about "
            f"{max(contexts):,.0f} MB more for its CUDA context, once for all models that share one"
        )
    return found


def _silent(profile: Profile, one: Measured) -> Iterator[str]:
    """Engines whose log should show weights and KV cache, and does not."""
    for service, reported in (one.more.get("engine_log") or {}).items():
        engine = profile.engines[service]
        known = known_as(engine)
        if known.figures and not reported:
            hint = f" ({known.silent_because})" if known.silent_because else ""
            yield f"{service}: the log of {engine.name} says nothing about weights and KV cache{hint}"


def _reading_of(reader: Reader) -> dict[str, Any]:
    cards = reader.read()
    return {
        "source": reader.source,
        "unread_because": reader.why or None,
        "watched": [
            {"index": one.number, "uuid": one.uuid, "name": one.name, "total_mib": one.total_mib} for one in cards
        ],
        "unit": "MB are those of nvidia-smi: 2**20 bytes",
    }


def _place(job: VramJob) -> dict[str, Any]:
    from mmcompose.deploy.machine import hardware

    return {
        "host": surroundings.host(job.engine.info(), job.engine.version()),
        "gpus": surroundings.gpus(hardware.look()),
        "project": surroundings.project(job.order.root, job.profile, job.order.files.paths[0]),
    }


def _know(job: VramJob, stay: Stay, folder: RunFolder) -> None:
    """The first engine as it really ran; all of them stand under `vram`."""
    for one in stay.containers[:1]:
        if one.service in stay.seen and one.service in job.profile.services:
            inspected, image = stay.seen[one.service]
            folder.known["target"] = surroundings.target(job.profile, one.service, one, inspected, image)
