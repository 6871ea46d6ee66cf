"""Measures the vision zoo: its models one after the other, each in a fresh process of the zoo's own container.

The process is prepared first, with its libraries and its CUDA context, and loads only then: so the figure is the
model's own, as it would be beside others in one process, and the context is reported apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from mmcompose.bench.report.vram import Measured
from mmcompose.bench.results import memory_curve
from mmcompose.bench.results.memory_curve import Moments
from mmcompose.bench.vram.patience import Patience
from mmcompose.bench.vram.profile_figures import figures
from mmcompose.bench.vram.sampling import Sampler
from mmcompose.bench.vram.stay import NotMeasuredError, Stay
from mmcompose.deploy.ready import reach, talk
from mmcompose.engines.zoo import enabled
from mmcompose.model import Profile, ZooModel

_TO_LOAD = 3700.0
"""A little more than the zoo gives a load by itself; the first one downloads."""


def is_zoo(profile: Profile) -> bool:
    return any(engine.configs == "zoo" for engine in profile.engines.values())


def models(profile: Profile) -> dict[str, ZooModel]:
    """All models, including those that are switched off."""
    return {name: model for service in profile.services.values() for name, model in service.zoo.items()}


def measure(
    stay: Stay,
    profile: Profile,
    fresh_sampler: Callable[[], Sampler],
    patience: Patience,
    begins: Callable[[str], None],
) -> Iterator[tuple[Measured, Sampler | None]]:
    """Measures each enabled model. If the zoo does not start, all models get that error."""
    wanted = enabled(models(profile))
    done: set[str] = set()
    try:
        stay.prepare()
        with stay.up():
            for name, model in wanted.items():
                begins(name)
                with fresh_sampler() as sampler:
                    measured = _one(_address(stay), name, model, sampler, patience, stay.ids)
                done.add(name)
                yield measured, sampler
    except NotMeasuredError as failure:
        more = {"refused": True} if failure.refused else {}
        for name, model in wanted.items():
            if name not in done:
                yield Measured(name, model.category, _estimate(model), None, None, failure.error, more), None


def _one(
    address: talk.Address, name: str, model: ZooModel, sampler: Sampler, patience: Patience, ids: set[str]
) -> Measured:
    patience.before(sampler, min(patience.baseline, 2 * patience.settle))
    began = time.monotonic()
    started = _step(address, name, "start")
    ready = time.monotonic()
    if started["state"] == "ready":
        patience.before(sampler, patience.settle)
    loading = time.monotonic()
    loaded = _step(address, name, "load") if started["state"] == "ready" else started
    there = time.monotonic()
    if loaded["state"] == "loaded":
        patience.before(sampler, patience.settle)
    stop = time.monotonic()
    stopped = _step(address, name, "stop") if loaded["state"] == "loaded" else {}
    error = str(loaded.get("error") or "") or ("" if loaded["state"] == "loaded" else "the zoo gave no reason")
    whole = Moments(began, None if error else there, stop)
    patience.after(sampler, memory_curve.baseline(sampler.samples(ids), whole))
    measured = figures(sampler, whole, ids)
    warm = memory_curve.between(sampler.samples(ids), ready, loading)
    before_load = memory_curve.middle(one.used_mib for one in warm)
    more = {
        **measured,
        "context_mib": memory_curve.less(before_load, measured["baseline_mib"]),
        "import_s": started.get("import_s"),
        "stop_s": stopped.get("stop_s"),
        "exit_code": stopped.get("exit_code"),
        "device": loaded.get("device") or started.get("device"),
        "framework": {key: loaded.get(key) for key in ("allocated_mib", "reserved_mib", "peak_mib")},
        "trace": loaded.get("trace"),
        "zoo": True,
        "source": model.source,
        "revision": model.revision,
        "dtype": model.dtype,
    }
    actual = None if error else memory_curve.less(measured["plateau_mib"], before_load)
    took = None if error else loaded.get("load_s")
    return Measured(name, model.category, _estimate(model), actual, took, error, more)


def _step(address: talk.Address, name: str, step: str) -> dict[str, Any]:
    """The zoo's answer; a zoo that is gone has failed at this step."""
    path = f"/models/{name}/{step}"
    try:
        answer = talk.post(address, path, {}, _TO_LOAD)
    except talk.NoAnswerError as nobody:
        return {"state": "failed", "error": f"the zoo does not answer {path}: {nobody}; mmcompose logs tells more"}
    data = answer.data
    if answer.status != 200 or not isinstance(data, dict) or "state" not in data:
        return {"state": "failed", "error": f"{path} answered {answer.status}: {answer.excerpt}"}
    return data


def _address(stay: Stay) -> talk.Address:
    """The address of the zoo, the profile's first service with models."""
    for expected in stay.order.wanted.services:
        for container in stay.containers:
            found = reach.address(container, expected.listen) if container.service == expected.service else None
            if found is not None:
                return found
    raise NotMeasuredError(f"{stay.name} is up and cannot be reached from here: it publishes no port on this machine")


def _estimate(model: ZooModel) -> float | None:
    return None if model.vram_mb is None else float(model.vram_mb)
