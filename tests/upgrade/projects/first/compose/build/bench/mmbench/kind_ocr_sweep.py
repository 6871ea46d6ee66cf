"""Real images under load, byte for byte, and whether the answers are right while the load is on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from .drive import Level
from .images import Image, load_images
from .order import Load, Order
from .probe import look
from .sample import MEASURED, Sample
from .score import Expected, Score, TruthError, read_truth, score
from .session import Session, verdict
from .settings import QUESTION, TRANSCRIBE, Settings, SettingsError

WAVES = 4


async def run(session: Session) -> int:
    settings = session.settings
    images = load_images(settings.image)
    truth = ground_truth(settings, images)
    prompt = settings.prompt or (TRANSCRIBE if truth else QUESTION)
    session.know_server(await look(session.pool))
    if not session.model:
        raise SettingsError("the server names no model; say which with --model")
    load = Load(
        api="chat",
        model=session.model,
        options=settings.options(settings.max_tokens),
        seed=settings.seed,
        unique=settings.unique_prefix,
        images=settings.image,
        prompt=prompt,
    )
    common: dict[str, Any] = {
        "dataset": "images",
        "images": [each.described() for each in images],
        "prompt": prompt,
        "output_tokens": settings.max_tokens,
        "temperature": settings.temperature,
        "extra_body": settings.extra(),
        "unique_prefix": settings.unique_prefix,
        "timeout_s": settings.timeout,
        "seed": settings.seed,
        "ground_truth": len(truth),
    }
    session.result["load"] = common | {"slo": settings.slo or None}
    for concurrency in settings.levels():
        if session.stop.reason is not None:
            break
        level = Level(
            concurrency=concurrency,
            requests=settings.requests or (None if settings.seconds else WAVES * concurrency),
            seconds=settings.seconds,
            warm_up=round(settings.warm_up * concurrency),
            first_index=session.next_index,
            ramp_up_s=settings.ramp_up,
            timeout_s=settings.timeout,
            keep_text=True,
        )
        told = {key: value for key, value in common.items() if key != "images"} | {
            "mode": "closed",
            "concurrency": concurrency,
            "images": len(images),
            "warmup_requests": level.warm_up,
            "requests": level.requests,
            "seconds": level.seconds,
        }
        judge = Judge(truth, settings) if truth else None
        await session.measure(f"c={concurrency}", told, Order(session.target, load, level), judge)
    return session.finish(verdict(session.result["points"], settings.max_error_share))


def ground_truth(settings: Settings, images: Sequence[Image]) -> dict[str, Expected]:
    """Given, or lying beside the images as truth.json."""
    place = Path(settings.image)
    beside = (place if place.is_dir() else place.parent) / "truth.json"
    path = Path(settings.truth) if settings.truth else beside if beside.is_file() else None
    if path is None:
        return {}
    names = {each.name for each in images}
    truth = {name: entry for name, entry in read_truth(path).items() if name in names}
    if settings.truth and not truth:
        raise TruthError(f"{path}: no entry for any of the images ({', '.join(sorted(names)[:5])})")
    if settings.fields:
        wanted = [each.strip() for each in settings.fields.split(",") if each.strip()]
        truth = {name: Expected(None, chosen(entry, wanted, f"{path}: {name}")) for name, entry in truth.items()}
    return truth


def chosen(entry: Expected, wanted: Sequence[str], where: str) -> tuple[tuple[str, str], ...]:
    fields = dict(entry.fields)
    missing = [name for name in wanted if name not in fields]
    if missing:
        raise TruthError(f"{where}: no field {missing[0]!r} (there are: {', '.join(fields) or 'none'})")
    return tuple((name, fields[name]) for name in wanted)


class Judge:
    """Scores a level's answers after its load; the same answer to the same image is scored once."""

    def __init__(self, truth: dict[str, Expected], settings: Settings) -> None:
        self._truth = truth
        self._settings = settings
        self._known: dict[tuple[str, str], Score] = {}

    def __call__(self, samples: Sequence[Sample]) -> dict[str, Any]:
        answered = [each for each in samples if each.phase == MEASURED and each.ok]
        scored = [
            (each.label, self._score(each.label, each.text or "")) for each in answered if each.label in self._truth
        ]
        similar = [one.similarity for _, one in scored if one.similarity is not None]
        exact = [one.exact for _, one in scored if one.exact is not None]
        missing = Counter(name for _, one in scored for name in one.missing)
        told: dict[str, Any] = {
            "definition": "similarity: 1 - edits / length of the longer text, white space and Unicode normalised; "
            "exact: every field's value stands in the answer",
            "scored": len(scored),
            "unscored": len(answered) - len(scored),
            "similarity_mean": round(fmean(similar), 4) if similar else None,
            "similarity_min": min(similar) if similar else None,
            "exact_share": round(sum(exact) / len(exact), 4) if exact else None,
            "fields_missing": dict(missing),
            "per_image": per_image(scored),
            "min_similarity": self._settings.min_similarity,
            "min_exact": self._settings.min_exact,
        }
        reasons = [
            f"{name} {value} is below {limit}"
            for name, value, limit in (
                ("similarity", told["similarity_mean"], self._settings.min_similarity),
                ("share of exact answers", told["exact_share"], self._settings.min_exact),
            )
            if value is not None and value < limit
        ]
        return told | {"ok": not reasons if scored else None, "reason": "; ".join(reasons) or None}

    def _score(self, label: str, text: str) -> Score:
        known = self._known.get((label, text))
        if known is None:
            known = self._known[label, text] = score(text, self._truth[label])
        return known


def per_image(scored: Sequence[tuple[str, Score]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name in sorted({label for label, _ in scored}):
        mine = [one for label, one in scored if label == name]
        similar = [one.similarity for one in mine if one.similarity is not None]
        told[name] = {
            "answers": len(mine),
            "similarity_min": min(similar) if similar else None,
            "fields_missing": sorted({field for one in mine for field in one.missing}),
        }
    return told
