"""Reads each image once, and counts the wrong characters, the wrong words, and the fields that are not exact."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..evals import EvalSettings, counted, eval_options, measure, sample_line, share, verdict
from ..images import load_images
from ..order import Load, Order
from ..probe import look
from ..prompts import TRANSCRIBE
from ..sample import Sample
from ..score import Expected, TruthError, distance, normal, score
from ..session import Session
from ..settings import SettingsError
from ..truth import ground_truth, image_options
from ..worst import Scored, worst

HELP = "image files, each read once: wrong characters, wrong words, exact fields"
SCORER = "mmbench"
DEFINITION = (
    "error rates: edits / length of the truth, over all images together, white space and Unicode normalised; "
    "a field is exact if its value stands in the answer; an image without an answer counts as wrong"
)


@dataclass(slots=True)
class Options(EvalSettings):
    image: str = ""
    truth: str | None = None
    fields: str | None = None
    prompt: str = TRANSCRIBE


def options(to: argparse.ArgumentParser) -> None:
    image_options(to)
    to.add_argument("--prompt", metavar="TEXT", help="what to ask of each image (default: to read all of its text)")
    eval_options(to, max_tokens=1024)
    to.set_defaults(timeout=120.0)


async def run(session: Session, settings: Options) -> int:
    images = load_images(settings.image)
    truth = ground_truth(settings.image, settings.truth, settings.fields, images)
    judged = [each for each in images if each.name in truth]
    if not judged:
        raise TruthError(
            f"{settings.image}: there are no right answers for these images: write truth.json beside them, as in "
            '{"page.jpg": {"text": "…", "fields": {"total": "12.50"}}}, or name a file with --truth'
        )
    session.know_server(await look(session.pool))
    if not session.model:
        raise SettingsError("the server names no model: name it with --model")
    rows = judged[: settings.limit]
    load = Load(
        api="chat",
        model=session.model,
        options=settings.options(settings.max_tokens),
        seed=settings.seed,
        unique=False,
        images=settings.image,
        only=[each.name for each in rows],
        prompt=settings.prompt,
    )
    level = settings.once(len(rows), session.next_index)
    shown = settings.described(level, len(judged)) | {"dataset": "images", "prompt": settings.prompt}
    session.result["load"] = shown | {"images": [each.described() for each in rows]}
    judge = Judge({each.name: truth[each.name] for each in rows}, unscored=len(images) - len(judged))
    point = await session.measure("ocr", shown | {"images": len(rows)}, Order(session.target, load, level), judge)
    session.folder.write_samples(judge.lines)
    return session.finish(verdict(point, settings.max_error_share))


class Judge:
    """Scores the answers of all images; keeps a line for each."""

    def __init__(self, truth: Mapping[str, Expected], unscored: int) -> None:
        self._truth, self._unscored = truth, unscored
        self.lines: list[dict[str, Any]] = []

    def __call__(self, samples: Sequence[Sample]) -> dict[str, Any]:
        scored = list[Scored]()
        for each in counted(samples):
            answer, expected = each.text or "", self._truth[each.label]
            found = score(answer, expected)
            scored.append((each.label, found, answer))
            edits = rates(answer, expected.text)
            self.lines.append(sample_line(each, answer) | edits | {"fields_missing": list(found.missing)})
        return self._summary(scored)

    def _summary(self, scored: Sequence[Scored]) -> dict[str, Any]:
        complete = [one.exact for _, one, _ in scored if one.exact is not None]
        fields = sum(one.fields_total for _, one, _ in scored)
        similar = [one.similarity for _, one, _ in scored if one.similarity is not None]
        figures = {
            "cer": measure("character error rate", self._rate("characters"), -1, scorer=SCORER),
            "wer": measure("word error rate", self._rate("words"), -1, scorer=SCORER),
            "fields": share("exact fields", sum(one.fields_found for _, one, _ in scored), fields, scorer=SCORER),
            "images": share("images with every field exact", sum(complete), len(complete), scorer=SCORER),
        }
        return {
            "definition": DEFINITION,
            "scored": len(scored),
            "unscored": self._unscored,
            "figures": {name: each for name, each in figures.items() if each["value"] is not None},
            "similarity_min": min(similar) if similar else None,
            "fields_missing": dict(Counter(name for _, one, _ in scored for name in one.missing)),
            "worst": worst(scored, self._truth),
            "ok": None,
            "reason": None,
        }

    def _rate(self, unit: str) -> float | None:
        """Over all images together, so that a long page weighs more than a short one."""
        length = sum(line[unit] for line in self.lines if line[unit])
        return sum(line[f"{unit}_wrong"] for line in self.lines if line[unit]) / length if length else None


def rates(answer: str, truth: str | None) -> dict[str, int | None]:
    """The length of the truth in characters and words, and the edits that lead from the answer to it."""
    if truth is None:
        return dict.fromkeys(("characters", "characters_wrong", "words", "words_wrong"))
    mine, right = normal(answer), normal(truth)
    return {
        "characters": len(right),
        "characters_wrong": distance(mine, right),
        "words": len(right.split()),
        "words_wrong": distance(mine.split(), right.split()),
    }
