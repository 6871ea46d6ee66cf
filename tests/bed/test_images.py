"""Images are what the project's Dockerfiles expect, and builds reach the package index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bed import images, labels, pip_settings
from tests.bed.commands import BedError
from tests.bed.recipes import RECIPES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bed.engine import Engine

SECRETS = "--mount=type=secret,id=pipconf,target=/etc/pip.conf,required=false --mount=type=secret,id=ca,required=false"


@pytest.mark.docker
def test_a_dockerfile_installs_from_the_package_index(docker: Engine, python_image: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(
        f"FROM {python_image} AS wanted\nRUN {SECRETS} pip install --no-cache-dir six==1.17.0\n"
        "USER 65534:65534\nFROM wanted AS unwanted\nRUN false\n"
    )
    images.build(tmp_path, "mmcompose-bed/try-pip:1", target="wanted")
    try:
        ask = ("python", "-c", "import six; print(six.__version__)")
        printed = docker.docker("run", "--rm", "--network", "none", "mmcompose-bed/try-pip:1", *ask)
        assert printed.strip() == "1.17.0"
    finally:
        docker.docker("image", "rm", "mmcompose-bed/try-pip:1")


@pytest.mark.docker
def test_a_broken_dockerfile_is_an_error_in_its_own_text(docker: Engine, base_image: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM {base_image}\nRUN echo no such thing >&2; exit 3\n")
    with pytest.raises(BedError, match="no such thing"):
        images.build(tmp_path, "mmcompose-bed/broken:1")


@pytest.mark.docker
def test_an_image_that_broke_off_half_way_gets_no_tag(docker: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = RECIPES["base"]
    broken = type(recipe)("mmcompose-bed/half:1", recipe.suite)
    monkeypatch.setattr("tests.bed.debian.bootstrap", lambda *_: ["sh", "-c", "tar -c -C / etc/hostname; exit 9"])
    with pytest.raises(BedError, match="exit 9"):
        images.bootstrap(docker, broken)
    assert not labels.image_id(docker, broken.tag)
    assert not docker.docker("image", "ls", "--quiet", "--filter", f"label={labels.MADE_FROM}={images.digest(broken)}")


@pytest.mark.docker
def test_an_image_that_takes_the_place_of_another_leaves_none_without_a_name(
    docker: Engine, base_image: str, tmp_path: Path
) -> None:
    tag, ids = "mmcompose-bed/try-again:1", []
    try:
        for text in ("one", "two"):
            (tmp_path / "Dockerfile").write_text(f"FROM {base_image}\nLABEL try={text}\n")
            images.build(tmp_path, tag)
            ids.append(labels.image_id(docker, tag))
        assert ids[0] != ids[1]
        assert not labels.image_id(docker, ids[0])
    finally:
        docker.docker("image", "rm", tag)


def test_a_changed_recipe_has_another_digest() -> None:
    recipe = RECIPES["python"]
    changed = type(recipe)(recipe.tag, recipe.suite, (*recipe.packages, "python3-yaml"))
    assert changed.digest() != recipe.digest()


def test_settings_that_point_into_this_machine_stay_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    effective = {
        "extra-index-url": "file:///srv/simple https://name:word@index.example/simple https://open.example/simple",
        "find-links": "/srv/wheels",
        "default-timeout": "180",
    }
    monkeypatch.setattr(pip_settings, "effective", lambda: effective)
    monkeypatch.setattr(pip_settings, "certificates", lambda: None)
    reported = pip_settings.for_containers(with_passwords=False)
    assert reported == "[global]\nextra-index-url = https://open.example/simple\ntimeout = 180\n"
    assert "name:word@" in pip_settings.for_containers()
