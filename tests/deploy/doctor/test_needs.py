"""What profiles need, read from a compiled project."""

from __future__ import annotations

from mmcompose.deploy.doctor.needs import MountedPath, Need, NeededSecret, needs
from tests import making


def of(text: str, **files: str) -> Need:
    made = making.compilation({"profiles/job.yaml": text, **files})
    assert made.stack is not None
    (found,) = needs(made.stack, ["job"])
    return found


def test_everything_that_a_machine_must_have_is_read_from_the_profile() -> None:
    found = of("""
        backend: llamacpp
        host: gpu-12gb
        weights: {path: models/x.gguf, format: gguf}
        gpu: {count: 1}
        ports: {api: 8123}
        secrets: {token: {file: secrets/t, path_env: TOKEN_PATH}}
        mounts: [{source: /data, target: /data, read_only: false}]
        """)
    assert (found.name, found.container, found.accelerator, found.cards) == ("job", "mm-job", "nvidia", (0,))
    assert (found.uid, found.gid, found.overrides_permissions) == (1000, 1000, False)
    assert found.ports == (8123,)
    assert found.secrets == (NeededSecret("token", "secrets/t"),)
    assert found.sources == (
        MountedPath("models/x.gguf", at=("weights", "path")),
        MountedPath("/data", False, ("mounts", 0)),
    )
    assert found.volumes == ("mm-job-cache",)
    assert "llama.cpp:server-cuda" in found.image


def test_a_service_without_a_claim_needs_no_gpu_of_its_host() -> None:
    found = of("{backend: llamacpp, host: gpu-12gb, weights: {path: m.gguf, format: gguf}, gpu: {count: 0}}")
    assert (found.accelerator, found.cards, found.groups) == ("cpu", (), ())


def test_groups_of_device_files_come_with_the_claim() -> None:
    text = "{backend: llamacpp, host: intel-igpu, weights: {path: m.gguf, format: gguf}, gpu: {count: 1}}"
    assert of(text).groups == (992,)


def test_root_overrides_permissions_only_with_the_capability() -> None:
    text = """
        backend: llamacpp
        host: cpu
        weights: {path: m.gguf, format: gguf}
        security: {user: "0:0"%s}
        """
    assert not of(text % "").overrides_permissions
    assert of(text % ", cap_add: [DAC_OVERRIDE]").overrides_permissions
    assert of(text % ", cap_drop: [NET_RAW]").overrides_permissions


BOX = "machine: {accelerator: cpu, memory: 16g, cores: 4, uid: 1000, gid: 1000%s}\n"
TINY = "backend: llamacpp\nhost: box\nweights: {repo: org/tiny, file: a.gguf, format: gguf, size: 2g%s}\n"


def test_the_folder_of_the_models_must_be_there_and_be_writable_for_what_fetches() -> None:
    host = {"profiles/hosts/box.yaml": BOX % ", models: /data/models"}
    fetches, only_reads = of(TINY % "", **host), of(TINY % ", fetch: never", **host)
    assert fetches.sources == (MountedPath("/data/models", False, ("machine", "models")),)
    assert only_reads.sources == (MountedPath("/data/models", True, ("machine", "models")),)
    assert fetches.weights == 0


def test_services_of_one_model_fetch_it_once() -> None:
    host = {"profiles/hosts/box.yaml": BOX % ""}
    one, same = of(TINY % "", **host), of(TINY % ", fetch: first", **host)
    apart = of(TINY % ", fetch: engine", **host)
    assert one.fetched == same.fetched != apart.fetched
    assert one.weights == 2 << 30
