"""Who decides the version, the image, the kind of image and the arguments of a service."""

from __future__ import annotations

import pytest

from mmcompose.core.read.overrides import parse, short
from mmcompose.core.resolve.images import release_in, tag_of
from mmcompose.model import Service
from tests.making import compilation, problems

BACKEND = """\
title: Echo
formats: [safetensors]
accelerators: [nvidia, cpu]
version: "1.0"
image_type: prebuilt
images: {{nvidia: "echo/server:{{version}}", cpu: "echo/server-cpu:{{version}}"}}
builds: {{nvidia: {{context: "https://example.org/echo.git#{{version}}"}}}}
listen: {{api: 8000}}
health: {{test: [CMD, "true"]}}
gpu: {{count: 1}}
args: {{level: backend, kept: backend}}
{more}
"""
MODEL = (
    "weights: {{repo: a/b, format: safetensors}}\n{top}\nbackends:\n  echo: {{{own}}}\n  other: {{version: '0.1'}}\n"
)
HOST = "machine: {{accelerator: nvidia, memory: 8g, cores: 2, uid: 1, gid: 1, gpus: [{{name: x, vram: 8g}}]}}\n{more}\n"


def resolved(
    backend: str = "",
    model: str = "",
    own: str = "",
    profile: str = "",
    host: str = "",
    line: dict[str, str] | None = None,
) -> Service:
    made = compilation(
        {
            "profiles/backends/echo.yaml": BACKEND.format(more=backend),
            "profiles/models/thing.yaml": MODEL.format(top=model, own=own),
            "profiles/hosts/box.yaml": HOST.format(more=host),
            "profiles/job.yaml": f"model: thing\nbackend: echo\nhost: box\n{profile}\n",
        },
        overrides=[short(name, value) for name, value in (line or {}).items()],
    )
    assert not problems(made), problems(made)
    return made.profiles["job"].services["job"]


ORDER = [
    ({}, "1.0"),
    ({"model": "version: '1.5'"}, "1.5"),
    ({"own": "version: '2.0'"}, "2.0"),
    ({"model": "version: '1.5'", "own": "version: '2.0'"}, "2.0"),
    ({"own": "version: '2.0'", "profile": "version: '3.0'"}, "3.0"),
    ({"own": "version: '2.0'", "profile": "version: '3.0'", "host": "version: '4.0'"}, "4.0"),
    ({"own": "version: '2.0'", "host": "version: '4.0'"}, "4.0"),
    ({"own": "version: '2.0'", "line": {"version": "5.0"}}, "5.0"),
    (
        {"own": "version: '2.0'", "profile": "version: '3.0'", "host": "version: '4.0'", "line": {"version": "5.0"}},
        "5.0",
    ),
]


@pytest.mark.parametrize(("layers", "version"), ORDER)
def test_the_version_is_the_command_line_s_then_the_model_s_own_then_the_backend_s(
    layers: dict[str, object], version: str
) -> None:
    found = resolved(**layers)  # type: ignore[arg-type]  # a table of keyword arguments
    assert (found.version, found.image) == (version, f"echo/server:{version}")


@pytest.mark.parametrize(
    ("layers", "kind", "image"),
    [
        ({}, "prebuilt", "echo/server:1.0"),
        ({"own": "image_type: build"}, "build", "mmcompose/echo:nvidia-1.0"),
        ({"own": "image_type: build, version: '2.0'"}, "build", "mmcompose/echo:nvidia-2.0"),
        ({"own": "image_type: build", "line": {"image_type": "prebuilt"}}, "prebuilt", "echo/server:1.0"),
        ({"own": "image_type: prebuilt", "profile": "image_type: build"}, "build", "mmcompose/echo:nvidia-1.0"),
        ({"line": {"image_type": "build", "version": "5.0"}}, "build", "mmcompose/echo:nvidia-5.0"),
    ],
)
def test_the_kind_of_image_is_decided_in_the_same_order(layers: dict[str, object], kind: str, image: str) -> None:
    found = resolved(**layers)  # type: ignore[arg-type]
    assert (found.image_type, found.image) == (kind, image)


@pytest.mark.parametrize(
    ("layers", "level"),
    [
        ({}, "backend"),
        ({"model": "args: {level: model}"}, "model"),
        ({"own": "args: {level: own}"}, "own"),
        ({"model": "args: {level: model}", "own": "args: {level: own}"}, "own"),
        ({"own": "args: {level: own}", "profile": "args: {level: profile}"}, "profile"),
        ({"profile": "args: {level: profile}", "host": "args: {level: host}"}, "host"),
    ],
)
def test_arguments_are_decided_in_the_same_order_each_for_itself(layers: dict[str, object], level: str) -> None:
    found = resolved(**layers)  # type: ignore[arg-type]
    assert found.args == {"level": level, "kept": "backend"}


def test_an_argument_of_the_command_line_is_above_all() -> None:
    overrides, faults = parse(["args.level=line"])
    assert not faults
    made = compilation(
        {
            "profiles/backends/echo.yaml": BACKEND.format(more=""),
            "profiles/models/thing.yaml": MODEL.format(top="", own="args: {level: own}"),
            "profiles/hosts/box.yaml": HOST.format(more="args: {level: host}"),
            "profiles/job.yaml": "model: thing\nbackend: echo\nhost: box\nargs: {level: profile}\n",
        },
        overrides=overrides,
    )
    assert made.profiles["job"].services["job"].args == {"level": "line", "kept": "backend"}


def test_what_a_model_says_of_another_engine_does_not_count() -> None:
    assert resolved().version == "1.0"


@pytest.mark.parametrize(
    ("layers", "image", "version"),
    [
        ({"profile": "image: mine/echo:7.1"}, "mine/echo:7.1", "7.1"),
        ({"profile": f"image: 'echo/server:7.1@sha256:{'a' * 64}'"}, f"echo/server:7.1@sha256:{'a' * 64}", "7.1"),
        ({"profile": "image: mine/echo:nightly"}, "mine/echo:nightly", None),
        ({"profile": "image: mine/echo:nightly\nengine_version: '3.2'"}, "mine/echo:nightly", "3.2"),
        ({"profile": "image: mine/echo:7.1\nversion: '3.2'"}, "mine/echo:7.1", "7.1"),
        ({"profile": "image: mine/echo:7.1\nimages: null"}, "mine/echo:7.1", "7.1"),
        ({"profile": "image: mine/echo:7.1", "line": {"version": "9.0"}}, "echo/server:9.0", "9.0"),
        ({"profile": "version: '3.0'", "line": {"image": "mine/echo:8.0"}}, "mine/echo:8.0", "8.0"),
        ({"own": "image: mine/echo:7.1", "profile": "version: '3.0'"}, "echo/server:3.0", "3.0"),
        ({"backend": "image: mine/echo:7.1", "own": "version: '3.0'"}, "echo/server:3.0", "3.0"),
        ({"profile": "gpu: {count: 0}"}, "echo/server-cpu:1.0", "1.0"),
    ],
)
def test_the_highest_layer_that_speaks_of_the_image_decides_it(
    layers: dict[str, object], image: str, version: str | None
) -> None:
    found = resolved(**layers)  # type: ignore[arg-type]
    assert (found.image, found.version) == (image, version)


@pytest.mark.parametrize(
    ("image", "release"),
    [
        ("vllm/vllm-openai:v0.24.0", "v0.24.0"),
        ("vllm/vllm-openai:v0.24.0@sha256:" + "a" * 64, "v0.24.0"),
        ("ghcr.io/ggml-org/llama.cpp:server-cuda-b9603", "b9603"),
        ("ghcr.io/ggml-org/llama.cpp:server-b9603", "b9603"),
        ("lmsysorg/sglang:v0.5.3rc0-cu129", "v0.5.3rc0"),
        ("vllm/vllm-openai:nightly", None),
        ("vllm/vllm-openai:nightly-0123456789abcdef", None),
        ("vllm/vllm-openai:latest", None),
        ("vllm/vllm-openai", None),
        ("registry.example:5000/vllm", None),
        ("registry.example:5000/vllm:1.2.3", "1.2.3"),
    ],
)
def test_the_release_of_an_engine_is_read_from_its_image_s_tag(image: str, release: str | None) -> None:
    assert release_in(image, ["ghcr.io/ggml-org/llama.cpp:server-cuda-{version}"]) == release


@pytest.mark.parametrize(
    ("image", "tag"),
    [("a:b", "b"), ("a", None), ("host:5000/a", None), ("host:5000/a:b", "b"), ("a@sha256:00", None), (":b", None)],
)
def test_a_port_of_a_registry_is_no_tag(image: str, tag: str | None) -> None:
    assert tag_of(image) == tag


@pytest.mark.parametrize(
    ("backend", "own", "kind"),
    [
        ("rapidocr", "image: mine/engine:b9603", "prebuilt"),
        ("ik_llama", "image: mine/engine:b9603", "prebuilt"),
        ("llamacpp", "image: mine/engine:b9603\nimage_type: build", "build"),
    ],
)
def test_an_image_named_above_the_wish_to_build_is_taken_as_it_is(backend: str, own: str, kind: str) -> None:
    weights = "weights: {repo: Qwen/Qwen2.5-1.5B-Instruct-GGUF, file: x.gguf}"
    made = compilation({"profiles/read.yaml": f"backend: {backend}\nhost: cpu\n{weights}\n{own}\n"})
    service = made.profiles["read"].services["read"]
    assert (service.image_type, service.image) == (kind, "mine/engine:b9603")


def test_what_is_built_is_never_called_like_the_image_that_somebody_else_publishes() -> None:
    files = {
        "profiles/base.yaml": "model: glm-ocr\nhost: gpu-12gb\nimage: vllm/vllm-openai:v0.24.0\n",
        "profiles/job.yaml": "extends: base\nimage_type: build\nports: {api: auto}\n",
    }
    service = compilation(files).profiles["job"].services["job"]
    assert service.image == "mmcompose/vllm:nvidia-v0.24.0"
    assert service.build.context == "https://github.com/vllm-project/vllm.git#v0.24.0"


DIGEST = "sha256:" + "a1" * 32
NAMED = [
    *("a", "a:1", "vllm/vllm-openai:v0.24.0", "localhost/a:1", "localhost:5000/a/b:1", "my-registry:5000/a"),
    *("Registry.example.com/a:1", "10.0.0.1:5000/a:1", "[::1]:5000/a:1", "a__b/c-d.e:T_1", "a--b:1", "a:" + "x" * 128),
    *(f"a@{DIGEST}", f"a:1@{DIGEST}", f"nvcr.io/nvidia/tensorrt-llm/release:1.2.0@{DIGEST}"),
]
NOT_NAMED = [
    *("A:1", "Foo/bar:1", "a:", "a:.x", "a:-x", "a:" + "x" * 129, "/a", "a/", "a//b", "a:1:2", "https://a/b:1", "a b"),
    *("a..b:1", "a_-b", "a___b", "-a:1", "a-:1", "registry:port/a", "a/" * 200 + "b", "a@", "a:1@", "a@sha256:"),
    *("a@sha256:abcd", "a@sha256:" + "a" * 63, "a@sha256:" + "a" * 65, "a@" + DIGEST.upper(), "a@sha256:" + "A" * 64),
    *("a@sha256:" + "g" * 64, "a@sha512:" + "a" * 128, "a@md5:" + "a" * 32, f"a@{DIGEST}:1", f"a@{DIGEST}@{DIGEST}"),
]


@pytest.mark.parametrize("image", NAMED)
def test_what_docker_takes_as_an_image_is_one(image: str) -> None:
    assert problems_of_image(image) == []


@pytest.mark.parametrize("image", NOT_NAMED)
def test_what_docker_refuses_as_an_image_is_refused_in_files_and_on_the_command_line(image: str) -> None:
    assert problems_of_image(image)
    made = compilation({"profiles/job.yaml": "model: glm-ocr\n"}, overrides=[short("image", image)])
    assert [problem for problem in made.problems if problem.path == "image"]


def problems_of_image(image: str) -> list[str]:
    text = f"model: glm-ocr\nengine_version: v0.24.0\nimage: '{image}'\n"
    made = compilation({"profiles/job.yaml": text})
    return [str(problem) for problem in made.problems if problem.rule.startswith("schema.")]


@pytest.mark.parametrize("version", ["v1@sha256:abcd", f"v1@{DIGEST}", "a/b:1", "x" * 129, ".1", "-1", "a b", "v1+cu"])
def test_a_version_is_a_tag_and_nothing_else(version: str) -> None:
    made = compilation({"profiles/job.yaml": f"model: glm-ocr\nversion: '{version}'\n"})
    assert [problem for problem in made.problems if problem.path == "version" and problem.severity == "error"]


@pytest.mark.parametrize("digest", ["sha256:abcd", "abcd", "sha512:" + "a" * 128, DIGEST.upper()])
def test_the_digest_of_what_was_measured_is_one(digest: str) -> None:
    text = f"model: glm-ocr\nenvelope: {{kind: load, image: 'vllm/vllm-openai:v0.24.0', digest: '{digest}'}}\n"
    made = compilation({"profiles/job.yaml": text})
    assert [problem.path for problem in made.problems] == ["envelope.digest"]
