"""Each message says what to write: in faults of form, of shape, and in what is well formed and not meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmcompose.core.read.ways_of_compose import KEYS
from mmcompose.core.read.ways_out import ALIKE, WAYS, backend_meant, for_key, for_value
from tests.making import compilation, problems

START = "model: glm-ocr\n"
FORM = {
    "no blank after a colon": ("model:glm-ocr", "1:1", "model: glm-ocr"),
    "no blank after a colon inside": (START + "args:\n  max_num_seqs:8", "3:3", "max_num_seqs: 8"),
    "no blank among others": (START + "args:\n  a: 1\n  b:2\n  c: 3", "4:4", "b: 2"),
    "a block that is not indented": (START + "args:\nmax_num_seqs: 8", "3:1", "indent it by two blanks"),
    "a template": ("model: {{ value }}", "1:8", "write the value itself"),
    "a template in text": (START + "image: {{ a }}/b:1", "2:8", "write the value itself"),
    "a template of a block": (START + "{% if x %}\nbackend: vllm\n{% endif %}", "2:1", "write the value itself"),
    "a merge": ("<<<<<<< HEAD\nmodel: a\n=======\nmodel: b\n>>>>>>> c", "1:1", "keep one side"),
    "a merge further down": (START + "args:\n  a: 1\n<<<<<<< A\n  b: 1\n=======\n  c: 2", "4:1", "keep one side"),
    "a tab": (START + "args:\n\ta: 1", "3:1", "spaces"),
    "an unknown alias": ("model: *ocr", "1:8", "*ocr has no anchor &ocr"),
    "an open quote": ("model: 'glm-ocr\nbackend: vllm", "1:8", "close it"),
    "an open bracket": (START + "aliases: [a, b\nbackend: vllm", "3:8", "close what opens at 2:10"),
    "a key below a value": (START + "args:\n  a: 1\n    b: 2", "4:6", "give it the indentation"),
    "two indentations": (START + "args:\n    a: 1\n  b: 2", "4:3", "indent the keys of one mapping alike"),
    "a list of keys": ("- model: glm-ocr", "1:1", "without dashes"),
    "a no-break space": ("model:\u00a0glm-ocr", "1:1", "U+00A0: write a plain space"),
    "a no-break space in a value": ("model: glm-ocr\u00a0", "1:8", "U+00A0: write a plain space"),
    "a no-break space before a key": (START + "args:\n\u00a0 max_num_seqs: 8", "3:1", "U+00A0: write a plain space"),
    "a space without width": ("mod\u200bel: glm-ocr", "1:1", "U+200B: write nothing in its place"),
    "a full-width colon": ("model\uff1a glm-ocr", "1:1", "U+FF1A: write a plain :"),
    "typographic quotes": ("model: \u201cglm-ocr\u201d", "1:8", "U+201C: write a plain \""),
    "a long dash": (START + "served\u2013name: x", "2:1", "U+2013: write a plain -"),
}  # fmt: skip
SHAPE = {
    "a quoted port": ("ports: {api: '8000'}", "write it without quotes: 8000"),
    "ports of Compose": ("ports: ['8000:8000']", "write a mapping: {api: 8000}"),
    "a port of Compose": ("ports: {api: '127.0.0.1:9000:8000'}", "write the port of the host alone: 9000"),
    "a number for ports": ("ports: 8000", "write a mapping: {api: 8000}"),
    "env as a list": ("env: [A=b]", "write a mapping, without dashes and =: A: b"),
    "args as a list": ("args: ['--max-num-seqs=8']", "write a mapping: max_num_seqs: 8"),
    "args as text": ("args: --max-num-seqs 8", "write a mapping: max_num_seqs: 8"),
    "mounts as text": ("mounts: ['/a:/b:ro']", "write {source: /a, target: /b}"),
    "a mount to write to": ("mounts: ['/a:/b']", "read_only: false"),
    "one GPU": ("gpu: 1", "write gpu: {count: 1}"),
    "all GPUs": ("gpu: all", "write gpu: {count: all}"),
    "weights as a repository": ("weights: a/b", "write weights: {repo: a/b}"),
    "weights as a path": ("weights: ./x.gguf", "write weights: {path: ./x.gguf}"),
    "a list in one word": ("bench: sanity", "write a list: [sanity]"),
    "a list with commas": ("aliases: one, two", "write a list: [one, two]"),
    "restart with another sign": ("restart: unless_stopped", "write unless-stopped"),
    "restart as one word": ("restart: UnlessStopped", "write unless-stopped"),
    "restart on failure": ("restart: on_failure", "write on-failure"),
    "no restart": ("restart: never", "write 'no'"),
    "a size with a blank": ("resources: {memory: 16 GB}", "write 16g"),
    "a size in GiB": ("resources: {memory: 16GiB}", "write 16g"),
    "a size without a unit": ("resources: {memory: 16}", "16g"),
    "a size of vram": ("gpu: {count: 1, vram: 6Gi}", "write 6g"),
    "a time without a unit": ("stop_grace_period: 30", "write the unit with it: 30s"),
    "a time with a blank": ("health: {timeout: 20 s}", "write 20s"),
    "a time in words": ("health: {start_period: 10min}", "write 10m"),
    "a truth in quotes": ("security: {read_only: 'true'}", "write true, without quotes"),
    "yes": ("security: {privileged: yes}", "write true, without quotes"),
    "a number in quotes": ("resources: {pids: '12'}", "write it without quotes: 12"),
    "a number with a sign": ("resources: {pids: '1_000'}", "write 1000"),
    "a user alone": ("security: {user: 1000}", 'write uid:gid in quotes: "1000:1000"'),
    "a day in another order": (
        "waivers: [{rule: S06, reason: it must be so, until: 30.06.2027}]",
        "write year-month-day: 2027-06-30",
    ),
    "an address for a repository": ("weights: {repo: https://hub.example/a/b}", "write owner/name: a/b"),
    "a short digest": ("image: a/b@sha256:abcd", "after @ come sha256: and 64 digits"),
    "another digest": (f"image: a/b@sha512:{'a' * 128}", "sha512 cannot be used"),
    "a digest in capitals": (f"image: a/b@sha256:{'A' * 64}", "a digest is written in small letters"),
    "a repository in capitals": ("image: Vllm/Vllm:v1", "vllm/vllm:v1"),
    "a scheme": ("image: https://a.example/b:1", "leave the scheme out: a.example/b:1"),
    "a digest as a version": ("version: v1@sha256:abcd", "a digest belongs to image:"),
    "a host file": ("host: profiles/hosts/cpu.yaml", "write the name alone: cpu"),
}
NAMES = {
    "model: glm-ocr.yaml": "write the name alone: glm-ocr",
    "model: zai-org/GLM-OCR": "weights: {repo: zai-org/GLM-OCR}",
    "model: GLM_OCR": "glm-ocr",
    "model: x.gguf": "weights: {path: x.gguf}",
}


def reported(text: str) -> list[str]:
    return problems(compilation({"profiles/job.yaml": text + "\n"}))


@pytest.mark.parametrize(("text", "place", "write"), FORM.values(), ids=FORM.keys())
def test_a_fault_of_form_is_reported_at_its_place_with_the_way_out(text: str, place: str, write: str) -> None:
    found = [line for line in reported(text) if write in line]
    assert found, reported(text)
    assert found[0].startswith(f"profiles/job.yaml:{place}: ")


@pytest.mark.parametrize(("text", "write"), SHAPE.values(), ids=SHAPE.keys())
def test_a_fault_of_shape_is_reported_once_with_the_way_out(text: str, write: str) -> None:
    found = reported(START + "backend: vllm\n" + text)
    assert len(found) == 1, found
    assert write in found[0]


@pytest.mark.parametrize(("text", "write"), NAMES.items(), ids=NAMES.keys())
def test_what_is_no_name_of_a_model_is_reported_with_the_way_out(text: str, write: str) -> None:
    assert [line for line in reported(text + "\nbackend: vllm") if write in line]


@pytest.mark.parametrize("name", ["llama.cpp", "llama-cpp", "Llama_CPP", "vLLM", "VLLM", "tensorrt-llm", "TensorRT-LLM",
                                  "openvino", "OpenVINO", "SGLang", "ik_llama.cpp", "ik-llama"])  # fmt: skip
def test_a_backend_spelled_as_its_makers_do_is_met_with_ours(name: str) -> None:
    meant = backend_meant(name)
    found = reported(f"model: glm-ocr\nbackend: {name}")
    assert meant
    assert [line for line in found if f"write {meant}" in line], found


@pytest.mark.parametrize("key", [key for key in KEYS if "." not in key])
def test_a_key_of_compose_is_met_with_ours(key: str) -> None:
    found = reported(START + f"backend: vllm\n{key}: x")
    assert len(found) == 1
    assert KEYS[key] in found[0]


def test_a_key_that_begins_with_x_is_no_extension() -> None:
    assert "there are no extensions here" in reported(START + "x-more: {a: 1}")[0]


@pytest.mark.parametrize("sign", ALIKE, ids=[f"U+{ord(sign):04X}" for sign in ALIKE])
def test_a_character_that_looks_like_another_is_named(sign: str) -> None:
    found = reported(START + f"served{sign}name: x")
    assert [line for line in found if f"U+{ord(sign):04X}" in line], found


@given(st.text(max_size=30) | st.integers() | st.booleans() | st.lists(st.text(max_size=9)) | st.none(), st.data())
def test_no_row_raises_whatever_was_written(value: object, data: st.DataObject) -> None:
    way = data.draw(st.sampled_from(WAYS))
    place = way.at.replace("\\", "").split("|")[0]
    for due in ("", "object", "array", "integer", "boolean", ["string", "null"]):
        assert isinstance(for_value((place, 0), value, due), str)
        assert isinstance(for_value((place,), value, due), str)
    assert isinstance(for_key((place, str(value))), str)


SLIPS = {
    "a value that was forgotten": ("args:\n  max_num_seqs:", "args.max_num_seqs: has no value", "warning"),
    "a day in no calendar": (
        "security: {ipc: host}\nwaivers: [{rule: S03, reason: it must be so, until: 2027-02-30}]",
        "there is no day 2027-02-30",
        "problem",
    ),
    "a tag without its v": ("version: 0.24.0", "tags its releases like v0.24.0 (write v0.24.0)", "warning"),
    "a tag that is cut short": ("version: v0.24", "tags its releases like v0.24.0 (write v0.24.0)", "warning"),
    "a tag that is none": ("version: banana", "is no release of vllm/vllm-openai", "warning"),
}


@pytest.mark.parametrize(("text", "printed", "kind"), SLIPS.values(), ids=SLIPS.keys())
def test_what_is_well_formed_and_not_meant_is_pointed_out(text: str, printed: str, kind: str) -> None:
    found = [line for line in reported(START + "backend: vllm\n" + text) if printed in line]
    assert len(found) == 1, reported(START + "backend: vllm\n" + text)
    assert ("warning: " in found[0]) is (kind == "warning")


@pytest.mark.parametrize(
    "text", ["version: v0.33.0", "version: v0.33.0rc1", "image: other/vllm:0.24.0", "args: {seed: 1}"]
)
def test_what_may_well_be_meant_is_left_alone(text: str) -> None:
    assert not [line for line in reported(START + "backend: vllm\n" + text) if "tags its" in line or "no value" in line]


@pytest.mark.parametrize("digest", ["sha256:abcd", f"sha256:{'A' * 64}", f"sha512:{'a' * 128}", "sha256:"])
def test_a_digest_in_an_argument_of_a_build_is_one(digest: str) -> None:
    build = "image_type: build\nbuild: {context: 'https://a.example/b.git#v1', args: {BASE: 'a/b:1@%s'}}"
    found = [line for line in reported(START + "backend: vllm\n" + build % digest) if "is no digest" in line]
    assert len(found) == 1
    assert "build.args.BASE" in found[0]
    whole = reported(START + "backend: vllm\n" + build % f"sha256:{'a' * 64}")
    assert not [line for line in whole if "is no digest" in line]


def test_a_null_that_removes_is_no_slip() -> None:
    files = {
        "profiles/base.yaml": START + "backend: vllm\nargs: {seed: 1}\n",
        "profiles/job.yaml": "extends: base\nargs: {seed: null}\n",
    }
    assert not [line for line in problems(compilation(files)) if "no value" in line]


UNREAD = {
    "profiles/model/x.yaml": "move it to profiles/models/x.yaml",
    "profiles/host/x.yml": "move it to profiles/hosts/x.yaml",
    "profiles/Backends/x.yaml": "move it to profiles/backends/x.yaml",
    "profiles/team/x.yaml": "move it to profiles/x.yaml",
    "profiles/models/more/x.yaml": "move it to profiles/models/x.yaml",
    "profiles/x.yml": "rename it to x.yaml",
    "profiles/x.YAML": "rename it to x.yaml",
    "profiles/hosts/x.YML": "rename it to x.yaml",
    "mmcompose.yml": "rename it to mmcompose.yaml",
    "templates/vlm/service.yaml.j2": "no backend is called vlm: did you mean vllm?",
    "templates/vllm/more.j2": "remove it, or take it in from another template",
}


@pytest.mark.parametrize(("path", "write"), UNREAD.items(), ids=UNREAD.keys())
def test_a_file_that_nobody_reads_is_pointed_out(path: str, write: str) -> None:
    found = problems(compilation({path: "a: 1\n"}))
    assert len(found) == 1
    assert write in found[0]


@pytest.mark.parametrize(
    "path", ["profiles/notes.md", "profiles/team/readme.txt", "templates/vllm/readme.md", "other/x.yaml"]
)
def test_a_file_of_another_sort_is_nobodys_mistake(path: str) -> None:
    assert problems(compilation({path: "a: 1\n"})) == []


def test_a_profile_named_like_an_extension_of_compose_is_refused() -> None:
    assert "choose another name" in problems(compilation({"profiles/x-job.yaml": START}))[0]
