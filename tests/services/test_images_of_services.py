"""What the images of our services have in common."""

from __future__ import annotations

import re

import pytest

from tests.services.conftest import SERVICES

APPS = {"rapidocr": "ocr_service", "sam3": "sam3_service", "zoo": "zoo_service"}


@pytest.mark.parametrize("image", APPS)
def test_every_requirement_is_pinned_to_one_version_and_its_hashes(image: str) -> None:
    for path in (SERVICES / image).glob("requirements*.txt"):
        pins = re.split(r"\n(?=[^ #])", re.sub(r"^#.*\n", "", path.read_text(), flags=re.MULTILINE).strip())
        one = r"[a-z0-9-]+==[0-9][0-9a-z.]*( \\\n    --hash=sha256:[0-9a-f]{64})+"
        assert [pin for pin in pins if not re.fullmatch(one, pin)] == []


@pytest.mark.parametrize("image", APPS)
def test_the_dockerfile_installs_what_is_pinned_and_nothing_else(image: str) -> None:
    text = (SERVICES / image / "Dockerfile").read_text().replace("\\\n", " ")
    installs = re.findall(r"pip --python \S+ install ([^&\n]*)", text)
    assert all("--no-deps" in line for line in installs)
    assert all("--require-hashes" in line for line in installs if "requirements" in line)


@pytest.mark.parametrize(("image", "port"), [("rapidocr", "8000"), ("sam3", "8095"), ("zoo", "8096")])
def test_the_dockerfile_runs_the_service_as_nobody_in_particular(image: str, port: str) -> None:
    text = (SERVICES / image / "Dockerfile").read_text()
    assert "USER 10001:10001" in text
    assert f"EXPOSE {port}" in text
    assert f'ENTRYPOINT ["python", "-m", "{APPS[image]}"]' in text
    assert all(f"id={secret}" in text for secret in ("pipconf", "ca"))
    assert text.count("required=false") == text.count("type=secret")
