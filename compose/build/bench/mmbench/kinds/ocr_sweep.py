"""Sends real images under load, byte for byte, and scores the answers."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, ClassVar

from ..images import RECEIPTS, Image, load_images
from ..levels import Levels, described, level_options
from ..order import Load, Order
from ..probe import look
from ..prompts import QUESTION
from ..sample import MEASURED, Sample
from ..score import Expected, Score, TruthError, read_truth, score
from ..session import Session, verdict
from ..settings import SettingsError
from ..worst import Scored, worst

WAVES = 4
TRANSCRIBE = "Read all the text in this image. Answer with the text only, line by line."
HELP = "image files under load, answers scored against ground truth"


@dataclass(slots=True)
class Options(Levels):
    LOWEST: ClassVar[Mapping[str, float]] = {**Levels.LOWEST, "max_tokens": 1}

    image: str = ""
    truth: str | None = None
    fields: str | None = None
    min_similarity: float = 0.9
    min_exact: float = 0.9
    prompt: str | None = None
    max_tokens: int = 1024
    unique_prefix: bool = False


def options(to: argparse.ArgumentParser) -> None:
    level_options(to)
    to.add_argument(
        "--image", default=str(RECEIPTS), metavar="PATH", help="an image or a folder (default: the shipped receipts)"
    )
    to.add_argument("--truth", metavar="FILE", help="right answers (default: truth.json beside the images)")
    to.add_argument("--fields", metavar="NAME,…", help="score only these fields of the ground truth")
    to.add_argument("--min-similarity", type=float, default=0.9, metavar="X", help="mean below which a level fails")
    to.add_argument("--min-exact", type=float, default=0.9, metavar="X", help="share below which a level fails")
    to.add_argument("--prompt", metavar="TEXT", help="what to ask of each image (default: to read all of its text)")
    to.add_argument("--max-tokens", type=int, default=1024, metavar="N", help="most tokens of an answer")
    to.add_argument("--unique-prefix", action="store_true", help="a number before each image, against prefix caches")
    to.set_defaults(concurrency="8,16,24,32", timeout=120.0, unique_prefix=False)


async def run(session: Session, settings: Options) -> int:
    images = load_images(settings.image)
    truth = ground_truth(settings, images)
    prompt = settings.prompt or (TRANSCRIBE if truth else QUESTION)
    session.know_server(await look(session.pool))
    if not session.model:
        raise SettingsError("the server names no model: name it with --model")
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
        level = settings.closed(concurrency, WAVES * concurrency, session.next_index, keep_text=True)
        shown = common | {"images": len(images)} | described(level)
        judge = Judge(truth, settings) if truth else None
        await session.measure(f"c={concurrency}", shown, Order(session.target, load, level), judge)
    return session.finish(verdict(session.result["points"], settings.max_error_share))


def ground_truth(settings: Options, images: Sequence[Image]) -> dict[str, Expected]:
    """The named file with the right answers, or truth.json beside the images."""
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

    def __init__(self, truth: dict[str, Expected], settings: Options) -> None:
        self._truth = truth
        self._settings = settings
        self._known: dict[tuple[str, str], Score] = {}

    def __call__(self, samples: Sequence[Sample]) -> dict[str, Any]:
        answered = [each for each in samples if each.phase == MEASURED and each.ok]
        scored = [
            (each.label, self._score(each.label, each.text or ""), each.text or "")
            for each in answered
            if each.label in self._truth
        ]
        scores = [one for _, one, _ in scored]
        similar = [one.similarity for one in scores if one.similarity is not None]
        exact = [one.exact for one in scores if one.exact is not None]
        missing = Counter(name for one in scores for name in one.missing)
        scored_pages: dict[str, Any] = {
            "definition": "similarity: 1 - edits / length of the longer text, white space and Unicode normalised; "
            "exact: every field's value stands in the answer",
            "scored": len(scored),
            "unscored": len(answered) - len(scored),
            "similarity_mean": round(fmean(similar), 4) if similar else None,
            "similarity_min": min(similar) if similar else None,
            "exact_share": round(sum(exact) / len(exact), 4) if exact else None,
            "fields_missing": dict(missing),
            "per_image": per_image(scored),
            "worst": worst(scored, self._truth),
            "min_similarity": self._settings.min_similarity,
            "min_exact": self._settings.min_exact,
        }
        reasons = [
            f"{name} {value} is below {limit}"
            for name, value, limit in (
                ("similarity", scored_pages["similarity_mean"], self._settings.min_similarity),
                ("share of exact answers", scored_pages["exact_share"], self._settings.min_exact),
            )
            if value is not None and value < limit
        ]
        return scored_pages | {"ok": not reasons if scored else None, "reason": "; ".join(reasons) or None}

    def _score(self, label: str, text: str) -> Score:
        known = self._known.get((label, text))
        if known is None:
            known = self._known[label, text] = score(text, self._truth[label])
        return known


def per_image(scored: Sequence[Scored]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name in sorted({label for label, _, _ in scored}):
        mine = [one for label, one, _ in scored if label == name]
        similar = [one.similarity for one in mine if one.similarity is not None]
        fields[name] = {
            "answers": len(mine),
            "similarity_min": min(similar) if similar else None,
            "fields_missing": sorted({field for one in mine for field in one.missing}),
        }
    return fields
