"""DeepEval's own benchmark classes, driven with answers that were given before.

They would ask one question after the other, and their own adapter of an OpenAI server cannot be scored by them.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from typing import Any

from benchmarks.mmbench.evals import measure, share

SCORER = "deepeval"


def _prepare() -> None:
    """Lets DeepEval's classes be made without the package `datasets`, whose download of questions is not wanted: they
    name its `Dataset` in an annotation, and no more."""
    nothing: Any = ModuleType("datasets")
    nothing.Dataset = object
    sys.modules.setdefault("datasets", nothing)


def ifeval(rows: Sequence[Any], answers: Sequence[str]) -> float:
    """The share of prompts that DeepEval's verifier passes."""
    _prepare()
    from deepeval.benchmarks import IFEval
    from deepeval.dataset import Golden

    class Given(IFEval):  # type: ignore[misc] # DeepEval has no types
        def load_benchmark_dataset(self) -> list[Any]:
            goldens = []
            for row in rows:
                golden = Golden(input=row.prompt, expected_output="")
                ids, values = [one.id for one in row.instructions], [dict(one.values) for one in row.instructions]
                golden.additional_metadata = {"instruction_ids": ids, "kwargs_list": values}
                goldens.append(golden)
            return goldens

    return _driven(Given(), answers)


def gsm8k(problems: Sequence[Any], answers: Sequence[str]) -> float:
    """The share of numbers that are the gold ones, letter for letter."""
    _prepare()
    from deepeval.benchmarks import GSM8K
    from deepeval.dataset import Golden

    class Given(GSM8K):  # type: ignore[misc] # DeepEval has no types
        def load_benchmark_dataset(self) -> list[Any]:
            self.shots_dataset: list[Any] = []
            return [Golden(input=each.question, expected_output=each.gold) for each in problems]

    return _driven(Given(n_shots=0, n_problems=len(problems)), answers)


def _driven(benchmark: Any, answers: Iterable[str]) -> float:
    from deepeval.models import DeepEvalBaseLLM

    class Answered(DeepEvalBaseLLM):  # type: ignore[misc] # DeepEval has no types
        """A model whose answers are known. Its `generate` takes no schema, so DeepEval reads the text as it is."""

        def __init__(self) -> None:
            self._answers = iter(answers)

        def load_model(self) -> Any:
            return self

        def generate(self, _prompt: str) -> str:
            return next(self._answers)

        async def a_generate(self, _prompt: str) -> str:
            return next(self._answers)

        def get_model_name(self) -> str:
            return "answered before"

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        benchmark.evaluate(Answered())
    return float(benchmark.overall_score)


def figure(title: str, rate: Callable[[], float], of: int, note: str) -> dict[str, Any]:
    """Its score as a figure on which no decision should rest. A fault of DeepEval loses none of the other figures."""
    try:
        return share(title, round(rate() * of), of, scorer=SCORER, note=note) | {"better": 0}
    except Exception as error:
        return measure(title, None, 0, scorer=SCORER, note=f"failed: {type(error).__name__}: {error}"[:300])
