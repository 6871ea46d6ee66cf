"""The folders from which our own images are built."""

from __future__ import annotations

from mmcompose.core.read.documents import Source
from mmcompose.core.render.build_folders import found, moved

ALONE = b"FROM busybox\nCOPY app /app\n"
WITH_KIT = b"FROM busybox\nCOPY kit app /app/\n"


def test_the_kit_is_laid_into_a_folder_whose_dockerfile_copies_it() -> None:
    kit = Source("services/kit/service_kit/flags.py", b"flags")
    one = Source("services/one/Dockerfile", WITH_KIT)
    other = Source("services/other/Dockerfile", ALONE)
    assert found([kit, one, other]) == {
        "one": {"Dockerfile": WITH_KIT, "kit/service_kit/flags.py": b"flags"},
        "other": {"Dockerfile": ALONE},
    }


def test_a_backend_of_a_projects_own_may_keep_its_folder_beside_its_template() -> None:
    own = [Source("templates/own/Dockerfile", ALONE), Source("templates/own/service.yaml.j2", b"")]
    assert found(own) == {"own": {"Dockerfile": ALONE}}
    assert list(moved(own)) == []


def test_a_file_of_our_services_at_its_former_place_is_refused_by_name() -> None:
    shipped = Source("services/rapidocr/Dockerfile", WITH_KIT, shipped=True)
    template = Source("templates/rapidocr/service.yaml.j2", b"")
    former = Source("templates/rapidocr/app/ocr_service/api.py", b"")
    (problem,) = moved([shipped, template, former])
    assert str(problem).startswith("templates/rapidocr/app/ocr_service/api.py:1:1: is no longer read (move it to ")
    assert "services/rapidocr/app/ocr_service/api.py" in problem.hint
