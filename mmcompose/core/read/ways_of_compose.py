"""Keys that people know from Compose files and other tools, by their place in a service, with our form of each."""

from __future__ import annotations

from collections.abc import Mapping

_OURS = "leave it out: mmcompose writes it itself"
_GPU = "write gpu: {count: 1}"
_IN_RESOURCES = {
    "mem_limit": "memory", "memory": "memory", "mem": "memory", "cpus": "cpus", "cpu": "cpus", "pids_limit": "pids",
    "pids": "pids", "shm_size": "shm_size", "ulimits": "ulimits",
}  # fmt: skip
_IN_SECURITY = {
    "privileged": "privileged", "cap_add": "cap_add", "cap_drop": "cap_drop", "user": "user", "read_only": "read_only",
    "ipc": "ipc", "network_mode": "network",
}  # fmt: skip
_IN_WEIGHTS = {"repo": "repo", "repository": "repo", "revision": "revision", "path": "path", "model_path": "path",
               "weights_path": "path", "gguf": "path"}  # fmt: skip

KEYS: Mapping[str, str] = {
    "environment": "write env:, a mapping",
    "env_file": "write the variables under env:, what is secret under secrets:",
    **dict.fromkeys(("volumes", "volume"), "write mounts: for files of the host, caches: for named volumes"),
    **dict.fromkeys(("command", "cmd"), "write the engine's arguments under args:"),
    "arguments": "write args:",
    "entrypoint": f"{_OURS}; the engine's arguments go under args:",
    "container_name": f"{_OURS}, from the project's and the profile's name",
    "depends_on": f"{_OURS}; services of one profile start together",
    "deploy": "write gpu: for GPUs, resources: for limits",
    "devices": "write gpu: for GPUs; other devices of a machine stand in its host file, under machine.devices",
    **dict.fromkeys(("gpus", "gpu_count"), _GPU),
    "device_ids": "write gpu: {devices: [0]}",
    "healthcheck": "write health:",
    **dict.fromkeys(("networks", "network"), f"{_OURS}; further names on the network go under aliases:"),
    "expose": "write listen: {api: 8000}",
    "port": "write ports: {api: 8000}",
    "tag": "write version: with the tag, or image: with the whole reference",
    "labels": _OURS,
    "profiles": f"{_OURS}: the profile is named as its file",
    "hostname": "leave it out; further names on the network go under aliases:",
    "name": "leave it out: a profile is named as its file",
    "security_opt": "write security: {no_new_privileges: true}",
    "group_add": "write the groups of devices in the host file, under machine.groups",
    "working_dir": "leave it out: the image knows it",
    "init": _OURS,
    **dict.fromkeys(("tty", "stdin_open"), "leave it out: a service has no terminal"),
    "pull_policy": "leave it out: `mmcompose pull` fetches images",
    "platform": "leave it out: write the image of the platform",
    "configs": "write mounts: for files of the host",
    "links": "leave it out: services of one profile find each other by name",
    "extra_hosts": "leave it out: there is no such key here",
    **dict.fromkeys(("scale", "replicas"), "leave it out: one container for each service"),
    "log_driver": "write logging: {max_size: 10m, max_file: 3}",
    "context": "write build: {context: …}",
    "dockerfile": "write build: {dockerfile: …}",
    "engine": "write backend:",
    "quantization": "write args: {quantization: …}",
    "max_model_len": "write args: {max_model_len: …}",
    "gpu.device_ids": "write devices:",
    "gpu.memory": "write vram:",
    "gpu.driver": "leave it out: the host file says what computes",
    "gpu.capabilities": _OURS,
    "resources.limits": "write its keys directly under resources:",
    "resources.reservations": "write gpu: for GPUs; memory and CPUs are limited, not reserved",
    "resources.mem_limit": "write memory:",
    "health.start_interval": "leave it out: interval: is that",
    "health.disable": "leave it out: without health: is not set, so there is no way to tell when the service is ready",
    "mounts[].type": "leave it out: a mount is a file or folder of the host; named volumes are caches:",
    "mounts[].readonly": "write read_only:",
    "mounts[].src": "write source:",
    **dict.fromkeys(("mounts[].dst", "mounts[].destination"), "write target:"),
    "logging.driver": _OURS,
    "logging.options": "write max_size: and max_file: directly under logging:",
    "build.image": "write image: beside build:",
    "security.privilaged": "write privileged:",
    **{name: f"write resources: {{{ours}: …}}" for name, ours in _IN_RESOURCES.items()},
    **{name: f"write security: {{{ours}: …}}" for name, ours in _IN_SECURITY.items()},
    **{name: f"write weights: {{{ours}: …}}" for name, ours in _IN_WEIGHTS.items()},
}
