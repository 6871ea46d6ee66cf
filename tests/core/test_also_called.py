"""Further names of a profile: for Compose's `--profile` at the root, and for mmcompose."""

from __future__ import annotations

import yaml

from mmcompose.deploy import pick
from tests.making import artifacts, compilation, problems

OCR = "model: qwen-small\nalso_called: [reader, ovms]\nbench: [sanity]\n"


def test_compose_starts_the_profile_under_each_of_its_names() -> None:
    overlay = yaml.safe_load(artifacts({"profiles/job.yaml": OCR})["compose/profiles/job.yaml"])
    assert overlay["services"]["job"]["profiles"] == ["job", "reader", "ovms", "bench-job"]


def test_so_does_mmcompose() -> None:
    profiles = compilation({"profiles/job.yaml": OCR}).profiles
    assert pick.matching(profiles, "ovms") == ["job"]


def test_two_profiles_of_one_name_would_start_each_other() -> None:
    found = problems(
        compilation({"profiles/job.yaml": OCR, "profiles/reader.yaml": "model: qwen-small\nports: {api: auto}\n"})
    )
    assert len(found) == 1
    assert "job and reader would both have a profile 'reader'" in found[0]


def test_an_heir_does_not_take_the_names_of_its_parent() -> None:
    made = compilation({"profiles/job.yaml": OCR, "profiles/heir.yaml": "extends: job\nports: {api: auto}\n"})
    assert problems(made) == []
    assert made.profiles["heir"].names == ("heir",)
