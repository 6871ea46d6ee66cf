"""Reasons travel with their values, and never outlive them."""

from __future__ import annotations

import pytest

from mmcompose.core.reasons import reason, to_path
from mmcompose.model import dotted
from tests.making import compilation, problems

PARENT = """\
model: glm-ocr
backend: vllm
args: {max_num_seqs: 16}
why: {args.max_num_seqs: keeps latency steady}
"""


def why(files: dict[str, str], path: str = "args.max_num_seqs", profile: str = "job") -> str | None:
    made = compilation(files)
    assert problems(made) == []
    return reason(made.profiles[profile].settings[profile], to_path(path))


def test_a_reason_explains_the_value_beside_it() -> None:
    assert why({"profiles/job.yaml": PARENT}) == "keeps latency steady"


def test_a_reason_is_inherited_together_with_its_value() -> None:
    files = {"profiles/base.yaml": PARENT, "profiles/job.yaml": "extends: base\nports: {api: auto}\n"}
    assert why(files) == "keeps latency steady"


def test_a_reason_of_a_lower_layer_does_not_explain_a_value_of_a_higher_one() -> None:
    model = (
        "weights: {repo: a/b, format: safetensors}\nargs: {max_num_seqs: 4}\nwhy: {args.max_num_seqs: it is small}\n"
    )
    files = {"profiles/models/thing.yaml": model, "profiles/job.yaml": "model: thing\nbackend: vllm\n"}
    assert why(files) == "it is small"
    files["profiles/job.yaml"] += "args: {max_num_seqs: 8}\n"
    assert why(files) is None
    files["profiles/job.yaml"] += "why: {args.max_num_seqs: it is fast}\n"
    assert why(files) == "it is fast"


def test_a_reason_of_an_extended_profile_does_not_explain_a_new_value() -> None:
    files = {"profiles/base.yaml": PARENT, "profiles/job.yaml": "extends: base\nargs: {max_num_seqs: 64}\n"}
    assert why(files) is None


def test_a_profile_may_explain_a_value_that_it_inherits() -> None:
    own = "extends: base\nwhy: {args.max_num_seqs: the same holds here}\n"
    assert why({"profiles/base.yaml": PARENT, "profiles/job.yaml": own}) == "the same holds here"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "args.max_num_sqs: x",
            "3:7: why.args.max_num_sqs: explains a value that is not set (did you mean args.max_num_seqs?)",
        ),
        (
            "zzz: x",
            "3:7: why.zzz: explains a value that is not set (a dotted path such as args.max_num_seqs, or `notes`)",
        ),
        (
            "args: x",
            None,
        ),
        ("notes: anything at all", None),
        ("zzz: null", None),
    ],
)
def test_a_reason_for_nothing_is_a_problem(text: str, problem: str | None) -> None:
    made = compilation(
        {"profiles/job.yaml": f"model: glm-ocr\nargs: {{max_num_seqs: 16}}\nwhy: {{{text}}}\n"},
    )
    assert problems(made) == ([f"profiles/job.yaml:{problem}"] if problem else [])


def test_a_value_removed_from_above_takes_its_reason_along_in_silence() -> None:
    waiver = "waivers: [{rule: S12, reason: there is plenty here, until: 2099-01-01}]"
    made = compilation({"profiles/job.yaml": f"model: glm-ocr\nresources: null\n{waiver}\n"})
    assert problems(made) == []


@pytest.mark.parametrize("text", ["args", "args.a", "args.a[0]", "args.a[10].b", "services.x.args.a-b"])
def test_a_dotted_path_reads_as_it_is_written(text: str) -> None:
    assert dotted(to_path(text)) == text
