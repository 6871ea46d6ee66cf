"""Where the files of a target lie: the lock, the writer and the runner go by it."""

from __future__ import annotations

import pytest

from mmcompose.model.targets import COMPOSE, TARGETS, Layout
from tests.making import ROOT, SETTINGS, compilation

OTHER = Layout("other", of_profile=("{}.txt", "deep/{}/"))


@pytest.mark.parametrize(
    ("path", "profile"),
    [
        ("compose/chat.yaml", "chat"),
        ("compose/profiles/chat.yaml", "chat"),
        ("compose/config/chat/ovms/config.json", "chat"),
        ("compose/build/sam3/Dockerfile", None),
        ("compose/mmcompose.lock", None),
        ("compose/deeper/chat.yaml", None),
        ("compose.yaml", None),
        ("profiles/chat.yaml", None),
    ],
)
def test_a_file_of_compose_belongs_to_its_profile(path: str, profile: str | None) -> None:
    assert COMPOSE.profile_of(path) == profile
    assert COMPOSE.belongs(path, "chat") == path.startswith("compose/")
    assert COMPOSE.belongs(path, "ocr") == (path.startswith("compose/") and profile is None)


def test_a_target_holds_what_lies_in_its_folder_alone() -> None:
    assert OTHER.files_of("chat") == ("chat.txt",)
    assert OTHER.profile_of("other/deep/chat/a.yaml") == "chat"
    assert OTHER.profile_of("other/chat.yaml") is None
    assert [path for path in ("other/x", "compose.yaml", "others/x", "") if OTHER.holds(path)] == ["other/x"]


def test_the_name_of_a_target_is_its_folder_and_its_key() -> None:
    assert {name: layout.name for name, layout in TARGETS.items()} == {name: name for name in TARGETS}


def test_every_file_that_a_profile_renders_to_is_known_as_its_own() -> None:
    made = compilation({"profiles/job.yaml": (ROOT / "profiles/order-accuracy.yaml").read_text("utf-8")})
    files, problems = made.rendered("job")
    assert problems == []
    assert {COMPOSE.profile_of(path) for path in files} == {"job"}


def test_naming_compose_changes_nothing() -> None:
    profile = {"profiles/job.yaml": "model: qwen-small\nhost: cpu\n"}
    named = compilation(profile, settings=f"{SETTINGS}targets: [compose]\n")
    assert named.problems == []
    assert named.artifacts() == compilation(profile).artifacts()
