"""The committed files where people use them: a plain copy, real Compose, public linters, and no mmcompose at all."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.compose import compose
from tests.making import ROOT

PROFILES = sorted(path.stem for path in (ROOT / "compose").glob("*.yaml"))
FILES = [
    ROOT / "compose.yaml",
    *sorted((ROOT / "compose").glob("*.yaml")),
    *sorted((ROOT / "compose/profiles").glob("*")),
]
TOOLS = Path(sys.executable).parent


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """compose.yaml and compose/, and nothing else of the project."""
    folder = tmp_path_factory.mktemp("deployed")
    shutil.copy(ROOT / "compose.yaml", folder)
    shutil.copytree(ROOT / "compose", folder / "compose")
    return folder


def hashes(folder: Path, *arguments: str) -> dict[str, str]:
    """The hash by which Compose decides whether a container is still the right one, by service."""
    result = compose(folder, *arguments, "config", "--hash", "*")
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return dict(line.split(" ") for line in result.stdout.splitlines())


@pytest.fixture(scope="module")
def everything(copy: Path) -> dict[str, str]:
    """All services of compose.yaml; which profile is chosen changes no service, as the first one shows."""
    return hashes(copy, "--profile", "*")


@pytest.mark.parametrize("profile", PROFILES)
def test_both_ways_into_a_profile_mean_the_same_containers(
    copy: Path, everything: dict[str, str], profile: str
) -> None:
    alone = hashes(copy, "-f", f"compose/{profile}.yaml")
    assert alone
    assert alone == {name: everything[name] for name in alone}


@pytest.mark.parametrize("arguments", [("--profile", "*"), ()], ids=["everything", "nothing"])
def test_the_root_file_is_right_with_everything_and_with_nothing_chosen(copy: Path, arguments: tuple[str, ...]) -> None:
    result = compose(copy, *arguments, "config", "-q")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_profile_starts_only_its_own_containers(copy: Path, everything: dict[str, str]) -> None:
    profile = PROFILES[0]
    chosen = hashes(copy, "--profile", profile)
    assert chosen.items() < everything.items()
    assert all(
        name in (profile, f"own-{profile}", f"fetch-{profile}") or name.startswith(f"{profile}-") for name in chosen
    )


def test_compose_would_say_so_if_a_key_were_unknown(copy: Path, tmp_path: Path) -> None:
    text = (copy / f"compose/{PROFILES[0]}.yaml").read_text(encoding="utf-8")
    (tmp_path / "compose.yaml").write_text(
        text.replace("    restart:", "    gpu: 1\n    restart:", 1), encoding="utf-8"
    )
    assert "additional properties 'gpu' not allowed" in compose(tmp_path, "config", "-q").stderr


def test_everything_that_is_mounted_from_the_project_is_there_or_a_person_s_own(copy: Path) -> None:
    for profile in PROFILES:
        whole = yaml.safe_load((copy / f"compose/{profile}.yaml").read_text(encoding="utf-8"))
        for service in whole["services"].values():
            build = service.get("build", {}).get("context", "")
            assert "://" in build or not build or (copy / "compose" / build / "Dockerfile").exists(), build
            for volume in service.get("volumes", ()):
                source = volume["source"]
                if volume["type"] == "bind" and not source.startswith(("/", "..")):
                    assert (copy / "compose" / source).exists(), source


def test_no_artifact_carries_a_tag_that_safe_loaders_reject_or_an_anchor() -> None:
    for path in FILES:
        tokens = [type(token).__name__ for token in yaml.scan(path.read_text(encoding="utf-8"))]
        assert not {"TagToken", "AnchorToken", "AliasToken"} & set(tokens), path


def test_the_compose_specification_s_own_schema_accepts_every_artifact() -> None:
    result = subprocess.run(
        [TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", *map(str, FILES)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout


def test_compose_lint_misses_only_the_digests_that_a_lock_of_images_brings(tmp_path: Path) -> None:
    """On a copy: a checkout below /root would make each of its folders one that the linter warns of."""
    shutil.copytree(ROOT / "compose", tmp_path / "compose")
    result = subprocess.run(
        [TOOLS / "compose-lint", "--format", "json", *(f"compose/{profile}.yaml" for profile in PROFILES)],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    found = json.loads(result.stdout)["findings"]
    assert {(finding["rule_id"], finding["file"]) for finding in found if finding["rule_id"] != "CL-0019"} == set()
    assert found, "the linter has looked at nothing"


def test_dclint_finds_no_error(tmp_path: Path) -> None:
    """An image of ours has a name and a build on purpose: the name carries the hash of what it is built from."""
    beside = ROOT / "node_modules/.bin/dclint"
    found = str(beside) if beside.exists() else shutil.which("dclint")
    if found is None:
        pytest.skip("no dclint here (npm install dclint)")
    settings = tmp_path / "dclint.json"
    settings.write_text(json.dumps({"rules": {"no-build-and-image": 0}, "quiet": True}), encoding="utf-8")
    result = subprocess.run([found, "-c", settings, *FILES], check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout
