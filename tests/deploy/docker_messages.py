"""What Docker says before nothing comes up: the cause, its words, and the line that is made of them."""

from __future__ import annotations

UNREACHABLE = "could not be pulled: this machine does not reach the registry"

# Cause, what Docker said, what is made of it.
DOCKER = [
    (
        "docker-denied",
        "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
        "this user may not talk to Docker",
    ),
    (
        "docker-hangs",
        "docker container ls gave no answer in 60 s",
        "Docker does not answer: `docker container ls` took longer than 60 s",
    ),
    (
        "docker-gone",
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        "Docker does not answer at unix:///var/run/docker.sock: it is not running, or it went away",
    ),
    ("docker-gone", "unexpected EOF", "Docker does not answer: it is not running, or it went away"),
    (
        "docker-elsewhere",
        "Cannot connect to the Docker daemon at tcp://127.0.0.1:1. Is the docker daemon running?",
        "Docker does not answer where DOCKER_HOST or the Docker context says: tcp://127.0.0.1:1",
    ),
    (
        "docker-elsewhere",
        'error during connect: Get "http://box:2375/v1.50/info": dial tcp: lookup box on 10.0.0.1:53: no such host',
        "Docker does not answer where DOCKER_HOST or the Docker context says: lookup box on 10.0.0.1:53: no such host",
    ),
    (
        "docker-elsewhere",
        "error during connect: command [ssh -T -- box docker] has exited: stderr=ssh: Could not resolve hostname box",
        "Docker does not answer where DOCKER_HOST or the Docker context says: Could not resolve hostname box",
    ),
    (
        "docker-elsewhere",
        'Failed to initialize: unable to resolve docker endpoint: context "box": context not found',
        'Docker does not answer where DOCKER_HOST or the Docker context says: context "box": context not found',
    ),
    ("docker-missing", "docker: no such program: Docker is not installed", "Docker is not installed, or not on PATH"),
    ("compose-missing", "docker: 'compose' is not a docker command.", "Docker has no Compose plugin"),
    (
        "port-taken",
        "driver failed programming connectivity: Bind for 127.0.0.1:8000 failed: port is already allocated",
        "port 8000 is taken by container mm-other",
    ),
    (
        "port-taken",
        "failed to bind host port for 127.0.0.1:8000:172.18.0.2:8000/tcp: address already in use",
        "port 8000 is taken by container mm-other",
    ),
    (
        "port-taken",
        "Error starting userland proxy: listen tcp4 127.0.0.1:8000: bind: address already in use",
        "port 8000 is taken by container mm-other",
    ),
    (
        "port-denied",
        "Error starting userland proxy: listen tcp4 127.0.0.1:80: bind: permission denied",
        "Docker may not listen on port 80 at that address",
    ),
    (
        "gpu-toolkit-missing",
        'Error response from daemon: could not select device driver "nvidia" with capabilities: [[gpu]]',
        "Docker cannot hand out GPUs: there is none, or the NVIDIA Container Toolkit is missing or new to Docker",
    ),
    (
        "gpu-toolkit-missing",
        'could not select device driver "cdi" with capabilities: []',
        "this Docker does not hand out devices by CDI, or CDI is switched off in it",
    ),
    (
        "gpu-toolkit-missing",
        "Error response from daemon: Unknown runtime specified nvidia",
        "Docker cannot hand out GPUs: there is none, or the NVIDIA Container Toolkit is missing or new to Docker",
    ),
    (
        "device-missing",
        'error gathering device information while adding custom device "/dev/dri": no such file or directory',
        "device /dev/dri is not on this machine",
    ),
    (
        "driver-too-old",
        "requirement error: unsatisfied condition: cuda>=12.8, please update your driver",
        "the NVIDIA driver is too old for the image: it needs cuda>=12.8",
    ),
    (
        "program-missing",
        'runc create failed: unable to start container process: exec: "vllm": executable file not found in $PATH',
        "image vllm/vllm-openai:v0.24.0 has no program vllm: it is not an image of this engine",
    ),
    (
        "platform",
        "exec /usr/bin/python3: exec format error",
        "image vllm/vllm-openai:v0.24.0 is made for another kind of processor",
    ),
    (
        "image-missing",
        "Error response from daemon: No such image: vllm/vllm-openai:v0.24.0",
        "image vllm/vllm-openai:v0.24.0 is not on this machine and could not be pulled",
    ),
    (
        "registry-unreachable",
        'Error response from daemon: Get "https://registry/v2/": dial tcp: lookup registry: no such host',
        f"image vllm/vllm-openai:v0.24.0 {UNREACHABLE} (lookup registry: no such host)",
    ),
    (
        "registry-unreachable",
        "failed to solve: x: failed to resolve source metadata for docker.io/library/python:3.11: no such host",
        f"image docker.io/library/python:3.11 {UNREACHABLE} (no such host)",
    ),
    ("paused", "Error: cannot start a paused container, try unpause instead", "its container is paused"),
    ("disk-full", "#5 0.2 dd: error writing '/big': No space left on device", "the disk of Docker is full"),
    (
        "mount-missing",
        "Error response from daemon: bind source path does not exist: /srv/models",
        "/srv/models is not on this machine",
    ),
    (
        "mount-kind",
        'error mounting "/p/secrets/key" to rootfs at "/run/x": mount /p/secrets/key:/run/x: not a directory: unknown',
        "/p/secrets/key is a file where its container has a folder, or the other way round",
    ),
    (
        "name-taken",
        'Conflict. The container name "/mm-ocr" is already in use by container "5d6".',
        "a container named mm-ocr is there already, and it is not of this project",
    ),
    ("disk-full", "failed to register layer: write /usr/lib/x: no space left on device", "the disk of Docker is full"),
    (
        "cpu-limit",
        "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available",
        "the CPU limit is above the 2.00 cores of this machine",
    ),
    (
        "ulimit",
        "error setting rlimit type 8: operation not permitted",
        "this machine does not allow the ulimits of the profile",
    ),
    (
        "networks-used-up",
        "all predefined address pools have been fully subnetted",
        "Docker has no address left for another network",
    ),
    (
        "build-failed",
        'failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2',
        'the image could not be built: process "/bin/sh -c make" did not complete successfully: exit code: 2',
    ),
]
