"""The checks, one row each, in the order in which one repairs things."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from mmcompose.deploy.doctor import docker_checks, file_checks, gpu_checks, project_checks
from mmcompose.deploy.doctor.facts import Facts
from mmcompose.deploy.doctor.finding import Finding


class Check(NamedTuple):
    id: str
    title: str
    judge: Callable[[Facts], Iterator[Finding]]


CHECKS = (
    Check("system", "This is a system that engines run on", docker_checks.system),
    Check("docker", "Docker can be reached", docker_checks.reachable),
    Check("engine", "Docker Engine is new enough", docker_checks.engine_version),
    Check("compose", "Docker Compose is new enough", docker_checks.compose_plugin),
    Check("buildx", "Images can be built", docker_checks.buildx_plugin),
    Check("disk", "Docker has room for images", docker_checks.disk),
    Check("rendered", "The compose files are up to date", project_checks.rendered),
    Check("config", "Compose accepts the files", project_checks.configs),
    Check("host", "The host file describes this machine", gpu_checks.hosts),
    Check("gpu-toolkit", "Docker can hand out NVIDIA GPUs", gpu_checks.toolkit),
    Check("gpu-driver", "The NVIDIA driver is new enough for the images", gpu_checks.driver),
    Check("devices", "Device files and their groups fit the host file", gpu_checks.device_files),
    Check("ports", "The host ports are free", file_checks.ports),
    Check("secrets", "Secrets are there, and only for their engine", file_checks.secrets),
    Check("mounts", "Models and mounts are there and readable", file_checks.mounts),
    Check("volumes", "Caches belong to their engine", file_checks.volumes),
)


def judge(facts: Facts) -> Iterator[tuple[Check, Finding]]:
    for check in CHECKS:
        for finding in check.judge(facts):
            yield check, finding
