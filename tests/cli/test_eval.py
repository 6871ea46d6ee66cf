"""`mmcompose eval run`, before anything starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mmcompose.bench.session.sampling import advised
from mmcompose.engines.known.benchmarks import evals
from tests.architecture.house import ROOT
from tests.disk import CHAT, mmcompose, project
from tests.making import compilation

if TYPE_CHECKING:
    from pathlib import Path

CHAT_OF_A_MODEL = "backend: vllm\ngpu: {count: 1}\n"

WRONG = [
    (("chat", "--benchmark", "ocrr"), "no eval 'ocrr' (did you mean ocr?)"),
    (("--benchmark", "ocr"), "name the profile, or the model, whose answers to score"),
    (("chat", "other", "--benchmark", "ocr"), "one profile at a time, and 'other' is none of its options"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG)
def test_what_cannot_be_scored_is_refused_first(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    answer = mmcompose(project(tmp_path, {"chat": CHAT}), "eval", "run", *arguments)
    assert answer.code == 2, answer.err
    assert message in answer.err


@pytest.mark.parametrize("name", ["ifeval", "gsm8k"])
def test_an_eval_without_its_questions_says_which_file_to_get(tmp_path: Path, name: str) -> None:
    folder = project(tmp_path, {"chat": CHAT})
    assert mmcompose(folder, "render").code == 0
    answer = mmcompose(folder, "eval", "run", "chat", "--benchmark", name)
    assert answer.code == 2
    assert f"eval-{name} needs its questions: add --data FOLDER" in answer.err
    against = mmcompose(folder, "eval", "run", "--benchmark", name, "--against", "http://127.0.0.1:9")
    assert (against.code, against.err) == (2, answer.err)


def test_all_missing_questions_are_named_at_once(tmp_path: Path) -> None:
    folder = project(tmp_path, {"chat": CHAT})
    assert mmcompose(folder, "render").code == 0
    answer = mmcompose(folder, "eval", "run", "chat")
    assert answer.code == 2
    assert "eval-ifeval needs its questions" in answer.err
    assert "eval-gsm8k needs its questions" in answer.err


def test_an_eval_that_the_engine_cannot_answer_is_refused_before_it_is_set(tmp_path: Path) -> None:
    folder = project(tmp_path, {"read": "backend: rapidocr\n"})
    assert mmcompose(folder, "render").code == 0
    answer = mmcompose(folder, "eval", "run", "read", "--benchmark", "gsm8k", "--data", ".")
    assert answer.code == 2
    assert (
        "eval-gsm8k asks endpoints of the kind chat, and read is of the kind ocr; it can be measured by" in answer.err
    )
    assert "eval-ocr" in answer.err
    assert "--set" not in answer.err


def test_a_folder_without_the_questions_is_refused_before_anything_starts(tmp_path: Path) -> None:
    folder = project(tmp_path, {"chat": CHAT})
    assert mmcompose(folder, "render").code == 0
    answer = mmcompose(folder, "eval", "run", "chat", "--benchmark", "gsm8k", "--data", ".")
    assert answer.code == 2
    assert ". has no file gsm8k.jsonl or test.jsonl: eval-gsm8k needs its questions" in answer.err


def test_the_files_of_an_eval_are_those_that_its_program_reads() -> None:
    for name in ("ifeval", "gsm8k"):
        program = (ROOT / f"services/eval/app/mmeval/kinds/eval_{name}.py").read_text("utf-8")
        assert all(f'"{file}"' in program for file in evals()[name].holds)


@pytest.mark.parametrize("profile", [(), ("chat",)])
def test_the_options_of_one_eval_are_listed(tmp_path: Path, profile: tuple[str, ...]) -> None:
    folder = project(tmp_path, {"chat": CHAT})
    answer = mmcompose(folder, "eval", "run", *profile, "--benchmark", "gsm8k", "--", "--help")
    assert answer.code == 0, answer.err
    assert "shots" in answer.out
    every = mmcompose(folder, "eval", "run", *profile, "--", "--help")
    assert every.code == 2
    assert "options belong to a kind: name one of " in every.err


def test_an_option_that_the_client_does_not_have_is_refused(tmp_path: Path) -> None:
    folder = project(tmp_path, {"chat": CHAT})
    assert mmcompose(folder, "render").code == 0
    answer = mmcompose(folder, "eval", "run", "chat", "--benchmark", "gsm8k", "--data", ".", "--", "--shotss", "2")
    assert answer.code == 2
    assert "--shotss: " in answer.err


def test_answers_are_sampled_as_the_authors_of_the_model_advise() -> None:
    model = "weights: {repo: o/wise}\nsampling: {temperature: 0.6, top_p: 0.95}\n"
    made = compilation({"profiles/chat.yaml": "model: wise\n" + CHAT_OF_A_MODEL, "profiles/models/wise.yaml": model})
    [service] = made.profiles["chat"].services.values()
    assert advised(made, service) == ("--temperature", "0.6", "--extra-body", '{"top_p": 0.95}')
    plain = compilation({"profiles/chat.yaml": CHAT})
    assert advised(plain, next(iter(plain.profiles["chat"].services.values()))) == ()
