"""Sends real images under load, byte for byte, and scores the answers."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, ClassVar

from ..images import load_images
from ..levels import Levels, described, level_options
from ..order import Load, Order
from ..probe import look
from ..prompts import QUESTION, TRANSCRIBE
from ..sample import MEASURED, Sample
from ..score import Expected, Score, score
from ..session import Session, verdict
from ..settings import SettingsError
from ..truth import ground_truth, image_options
from ..worst import Scored, worst

WAVES = 4
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
    image_options(to)
    to.add_argument("--min-similarity", type=float, default=0.9, metavar="X", help="mean below which a level fails")
    to.add_argument("--min-exact", type=float, default=0.9, metavar="X", help="share below which a level fails")
    to.add_argument("--prompt", metavar="TEXT", help="what to ask of each image (default: to read all of its text)")
    to.add_argument("--max-tokens", type=int, default=1024, metavar="N", help="most tokens of an answer")
    to.add_argument("--unique-prefix", action="store_true", help="a number before each image, against prefix caches")
    to.set_defaults(concurrency="8,16,24,32", timeout=120.0, unique_prefix=False)


async def run(session: Session, settings: Options) -> int:
    images = load_images(settings.image)
    truth = ground_truth(settings.image, settings.truth, settings.fields, images)
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
