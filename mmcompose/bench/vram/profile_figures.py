"""Measures one engine profile: baseline, load, first token, plateau and peak under a short load, unload, rest."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from mmcompose.bench.report.vram import Measured
from mmcompose.bench.results import memory_curve
from mmcompose.bench.results.memory_curve import Moments
from mmcompose.bench.vram import engine_log, load
from mmcompose.bench.vram.patience import Patience
from mmcompose.bench.vram.sampling import Sampler
from mmcompose.bench.vram.stay import NotMeasuredError, Stay
from mmcompose.core.sizes import in_bytes
from mmcompose.deploy.ready.probes import QUESTIONS
from mmcompose.model import Profile, Service


def measure(stay: Stay, profile: Profile, sampler: Sampler, patience: Patience) -> Measured:
    """Measures. Raises only for an interruption: a failed profile does not stop the others."""
    pressed: list[dict[str, Any]] = []
    stop: float | None = None
    error, refused = "", False
    try:
        stay.prepare()
        patience.before(sampler, patience.baseline)
        with stay.up():
            pressed += _pressed(stay, patience.load)
            stop = time.monotonic()
    except NotMeasuredError as failure:
        error, refused = failure.error, failure.refused
    moments = Moments(stay.began or time.monotonic(), None if error else stay.answered, stop)
    if stay.began is not None:
        patience.after(sampler, memory_curve.baseline(sampler.samples(stay.ids), moments))
    measured = figures(sampler, moments, stay.ids)
    more = {
        **measured,
        **stay.stopped,
        "gpus": len(stay.order.wanted.gpus),
        "phases_s": stay.phases,
        "load": pressed,
        "engine_log": _log(profile, stay.log),
        **({"refused": True} if refused else {}),
    }
    actual = None if error else memory_curve.less(measured["plateau_mib"], measured["baseline_mib"])
    took = None if moments.first_token is None else moments.first_token - moments.start
    return Measured(
        profile.name, _category(profile), estimated_mb(profile.services.values()), actual, took, error, more
    )


def figures(sampler: Sampler, moments: Moments, containers: set[str]) -> dict[str, Any]:
    samples, strangers = sampler.samples(containers), sampler.strangers(containers)
    return {
        "baseline_mib": memory_curve.baseline(samples, moments),
        "plateau_mib": memory_curve.plateau(samples, moments),
        "peak_mib": memory_curve.peak(samples, moments),
        "footprint_mib": memory_curve.footprint(samples, moments),
        "residual_mib": memory_curve.residual(samples, moments),
        "unload_s": memory_curve.unload_seconds(samples, moments),
        "samples": len(samples),
        "shared": None if strangers is None else bool(strangers),
        "strangers": None if strangers is None else [one._asdict() for one in strangers],
    }


def _pressed(stay: Stay, seconds: float) -> list[dict[str, Any]]:
    found = []
    for expected in stay.order.wanted.services:
        container = next((one for one in stay.containers if one.service == expected.service), None)
        done = load.press(container, expected, stay.order.root, seconds) if container else None
        found += [{"service": expected.service, **done.data()}] if done else []
    return found


def _log(profile: Profile, lines: dict[str, list[str]]) -> dict[str, dict[str, float]]:
    """The logs by service, since two services may have the same engine."""
    return {
        name: engine_log.figures(engine_log.known_as(engine), lines.get(name, ()))
        for name, engine in profile.engines.items()
    }


def _category(profile: Profile) -> str:
    pairs = [(engine, QUESTIONS.get(engine.probe.kind)) for engine in profile.engines.values()]
    return ", ".join(dict.fromkeys(question.category if question else engine.name for engine, question in pairs))


def estimated_mb(services: Iterable[Service]) -> float | None:
    """The profile's claim on all its GPUs; None if a claim has no memory."""
    claims = [service.gpu for service in services if service.gpu.count]
    sizes = [in_bytes(claim.vram) * claim.count for claim in claims if claim.vram]
    return float(sum(sizes) >> 20) if claims and len(sizes) == len(claims) else None
