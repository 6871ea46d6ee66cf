"""What Docker and engines say before nothing comes up: the cause, their words, and the line that is made of them."""

from __future__ import annotations

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
        "Docker cannot hand out GPUs: the NVIDIA Container Toolkit is missing, or Docker was not restarted after it",
    ),
    (
        "gpu-toolkit-missing",
        'could not select device driver "cdi" with capabilities: []',
        "Docker cannot hand out GPUs: the NVIDIA Container Toolkit is missing, or Docker was not restarted after it",
    ),
    (
        "gpu-toolkit-missing",
        "Error response from daemon: Unknown runtime specified nvidia",
        "Docker cannot hand out GPUs: the NVIDIA Container Toolkit is missing, or Docker was not restarted after it",
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
        "image-missing",
        'Error response from daemon: Get "https://registry/v2/": dial tcp: lookup registry: no such host',
        "image vllm/vllm-openai:v0.24.0 is not on this machine and could not be pulled",
    ),
    (
        "image-missing",
        "failed to solve: x: failed to resolve source metadata for docker.io/library/python:3.11: no such host",
        "image docker.io/library/python:3.11 is not on this machine and could not be pulled",
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

# Cause, a line of the log, what is made of it.
ENGINES = [
    (
        "context-too-long",
        "User-specified max_model_len (9999) is greater than the derived max_model_len (max_position_embeddings=8192.0",
        "the model reads 8192 tokens at most, and is asked for a context of 9999",
    ),
    (
        "context-too-long",
        "ValueError: User-specified context_length (65536) is greater than the derived context_length (32768).",
        "the model reads 32768 tokens at most, and is asked for a context of 65536",
    ),
    (
        "gpu-memory",
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 11.6",
        "the memory of the GPU is not enough",
    ),
    (
        "gpu-memory",
        "ValueError: Free memory on device (3.1/11.6 GiB) on startup is less than desired GPU memory utilization",
        "the memory of the GPU is not enough",
    ),
    (
        "gpu-memory",
        "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 9000 MiB on device 0: cudaMalloc failed: out of memory",
        "the memory of the GPU is not enough",
    ),
    (
        "kv-cache",
        "ValueError: To serve at least one request with max seq len (131072), (16 GiB KV cache",
        "the context is longer than the KV cache that fits into the GPU",
    ),
    (
        "unknown-flag",
        "vllm: error: unrecognized arguments: --disable-log-requests",
        "the engine does not know --disable-log-requests",
    ),
    ("unknown-flag", "error: invalid argument: --no-such", "the engine does not know --no-such"),
    ("unknown-flag", "Error: No such option: --max_batch", "the engine does not know --max_batch"),
    ("unknown-flag", "Option \u2018rest_prt\u2019 does not exist", "the engine does not know rest_prt"),
    (
        "bad-value",
        "vllm serve: error: argument --kv-cache-dtype: invalid choice: 'fp9'",
        "the engine refuses the value of --kv-cache-dtype: invalid choice: 'fp9'",
    ),
    (
        "unknown-flag",
        "error parsing options - unmatched arguments: --rest-port, 8000, ",
        "the engine does not know --rest-port, 8000",
    ),
    (
        "unknown-flag",
        "vllm: error: ambiguous option: --max-num could match --max-num-seqs, --max-num-batched-tokens",
        "--max-num may be several flags of the engine: --max-num-seqs, --max-num-batched-tokens",
    ),
    (
        "bad-value",
        "Error: Invalid value for '--port': 'x' is not a valid integer.",
        "the engine refuses the value of --port: 'x' is not a valid integer.",
    ),
    (
        "bad-value",
        "Error: Invalid value for '--tp_size' / '-t': 'x' is not a valid integer.",
        "the engine refuses the value of --tp_size: 'x' is not a valid integer.",
    ),
    (
        "bad-value",
        "error parsing options: Argument \u2018many\u2019 failed to parse",
        "the engine refuses a value: \u2018many\u2019 failed to parse",
    ),
    (
        "missing-flag",
        "launch_server.py: error: the following arguments are required: --model-path/--model",
        "the engine was not told --model-path/--model",
    ),
    ("missing-flag", "Error: Missing argument 'MODEL'.", "the engine was not told MODEL"),
    (
        "missing-flag",
        "error parsing options: Option \u2018rest_port\u2019 is missing an argument",
        "the engine was not told rest_port",
    ),
    (
        "gated-model",
        "huggingface_hub.errors.GatedRepoError: 401 Client Error.",
        "the model is gated, and no token that may read it was given",
    ),
    (
        "permission-denied",
        "PermissionError: [Errno 13] Permission denied: '/cache/huggingface/hub'",
        "the user of the engine may not touch /cache/huggingface/hub",
    ),
    (
        "permission-denied",
        "cat: /run/secrets/token: Permission denied",
        "the user of the engine may not touch /run/secrets/token",
    ),
    (
        "model-not-found",
        "OSError: zai-org/GLM-OCRR is not a local folder and is not a valid model identifier listed on the hub",
        "the model was not found: zai-org/GLM-OCRR",
    ),
    (
        "model-not-found",
        "gguf_init_from_file: failed to open GGUF file '/models/x.gguf' (No such file or directory)",
        "the model was not found: /models/x.gguf",
    ),
    (
        "model-not-found",
        "huggingface_hub.errors.RepositoryNotFoundError: 404 Client Error",
        "the model was not found",
    ),
    (
        "read-only",
        "OSError: [Errno 30] Read-only file system: '/root/.triton'",
        "the engine writes outside its cache: /root/.triton",
    ),
    (
        "model-broken",
        "error loading model architecture: unknown model architecture: 'glm9'",
        "the file of the model is broken, or of a kind that this release cannot read (glm9)",
    ),
    (
        "config-refused",
        "Trying to parse mediapipe graph definition: llm failed",
        "the server refuses its graph or its configuration",
    ),
    (
        "driver-too-old",
        "RuntimeError: The NVIDIA driver on your system is too old (found version 12020).",
        "the NVIDIA driver is too old for this image",
    ),
    ("no-gpu-inside", "RuntimeError: No CUDA GPUs are available", "the engine sees no GPU"),
    ("no-gpu-inside", "RuntimeError: Failed to infer device type", "the engine sees no GPU"),
    (
        "shared-memory",
        "RuntimeError: unable to write to file </torch_73_1234>: No space left on device (28)",
        "the shared memory is too small",
    ),
    ("cpu-too-old", "Illegal instruction (core dumped)", "the image was built for a newer processor"),
    (
        "host-memory",
        "terminate called after throwing an instance of 'std::bad_alloc'",
        "the memory of the container is not enough",
    ),
    (
        "address-inside",
        "OSError: [Errno 98] error while attempting to bind on address ('0.0.0.0', 8000): address already in use",
        "the engine cannot listen on its port inside the container",
    ),
    (
        "no-network",
        "get_repo_commit: error: HTTPLIB failed: Could not establish connection",
        "the model has to be downloaded, and the container does not reach the hub",
    ),
]  # fmt: skip
