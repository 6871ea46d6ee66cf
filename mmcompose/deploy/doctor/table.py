"""The checks, one row each, in the order in which one repairs things."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from mmcompose.deploy.doctor import docker_checks, file_checks, gpu_checks, project_checks
from mmcompose.deploy.doctor.facts import Facts
from mmcompose.deploy.doctor.finding import Finding


class DoctorCheck(NamedTuple):
    id: str
    title: str
    judge: Callable[[Facts], Iterator[Finding]]


CHECKS = (
    DoctorCheck("system", "This is a system that engines run on", docker_checks.system),
    DoctorCheck("docker", "Docker can be reached", docker_checks.reachable),
    DoctorCheck("engine", "Docker Engine is new enough", docker_checks.engine_version),
    DoctorCheck("compose", "Docker Compose is new enough", docker_checks.compose_plugin),
    DoctorCheck("buildx", "Images can be built", docker_checks.buildx_plugin),
    DoctorCheck("disk", "Docker has room for images", docker_checks.disk),
    DoctorCheck("rendered", "The compose files are up to date", project_checks.rendered),
    DoctorCheck("config", "Compose accepts the files", project_checks.configs),
    DoctorCheck("host", "The host file describes this machine", gpu_checks.hosts),
    DoctorCheck("gpu-toolkit", "Docker can hand out NVIDIA GPUs", gpu_checks.toolkit),
    DoctorCheck("gpu-driver", "The NVIDIA driver is new enough for the images", gpu_checks.driver),
    DoctorCheck("devices", "Device files and their groups fit the host file", gpu_checks.device_files),
    DoctorCheck("ports", "The host ports are free", file_checks.ports),
    DoctorCheck("secrets", "Secrets are there, and only for their engine", file_checks.secrets),
    DoctorCheck("mounts", "Models and mounts are there and readable", file_checks.mounts),
    DoctorCheck("volumes", "Caches belong to their engine", file_checks.volumes),
)


def judge(facts: Facts) -> Iterator[tuple[DoctorCheck, Finding]]:
    for check in CHECKS:
        for finding in check.judge(facts):
            yield check, finding
