"""What engines print before they die: the cause, their words, and the line that is made of them."""

from __future__ import annotations

# Cause, a line of the log, what is made of it.
ENGINES = [
    (
        "context-too-long",
        "User-specified max_model_len (9999) is greater than the derived max_model_len (max_position_embeddings=8192.0",
        "the model reads 8192 tokens at most, and a context of 9999 is requested",
    ),
    (
        "context-too-long",
        "ValueError: User-specified context_length (65536) is greater than the derived context_length (32768).",
        "the model reads 32768 tokens at most, and a context of 65536 is requested",
    ),
    (
        "gpu-memory",
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 11.6",
        "the GPU ran out of memory",
    ),
    (
        "gpu-memory",
        "ValueError: Free memory on device (3.1/11.6 GiB) on startup is less than desired GPU memory utilization",
        "the GPU ran out of memory: 3.1 of 11.6 GiB are free",
    ),
    (
        "gpu-memory",
        "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 9000 MiB on device 0: cudaMalloc failed: out of memory",
        "the GPU ran out of memory: 8.8 GiB more were requested on GPU 0",
    ),
    (
        "kv-cache",
        "ValueError: To serve at least one request with max seq len (131072), (16 GiB KV cache",
        "a context of 131072 tokens: it does not fit into the GPU beside the weights",
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
        "the engine refuses the value of --port: 'x' is not a valid integer",
    ),
    (
        "bad-value",
        "Error: Invalid value for '--tp_size' / '-t': 'x' is not a valid integer.",
        "the engine refuses the value of --tp_size: 'x' is not a valid integer",
    ),
    (
        "bad-value",
        "error parsing options: Argument \u2018many\u2019 failed to parse",
        "the engine refuses a value: \u2018many\u2019 failed to parse",
    ),
    (
        "missing-flag",
        "launch_server.py: error: the following arguments are required: --model-path/--model",
        "the engine requires --model-path/--model",
    ),
    ("missing-flag", "Error: Missing argument 'MODEL'.", "the engine requires MODEL"),
    (
        "missing-flag",
        "error parsing options: Option \u2018rest_port\u2019 is missing an argument",
        "the engine requires rest_port",
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
        "unknown-architecture",
        "error loading model architecture: unknown model architecture: 'glm9'",
        "this release of the engine does not know the model's architecture glm9",
    ),
    (
        "config-refused",
        "Trying to parse mediapipe graph definition: llm failed",
        "the server refuses its graph or its configuration",
    ),
    (
        "driver-too-old",
        "RuntimeError: The NVIDIA driver on your system is too old (found version 12020).",
        "the NVIDIA driver is too old for this image (found version 12020)",
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
        "the engine cannot listen on its port inside the container: 8000 is taken",
    ),
    (
        "no-network",
        "get_repo_commit: error: HTTPLIB failed: Could not establish connection",
        "the model has to be downloaded, and the container does not reach the hub",
    ),
]  # fmt: skip
