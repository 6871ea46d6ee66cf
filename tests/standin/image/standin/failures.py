"""How engines die while they load: their last words, as they and their libraries print them, and their status."""

from __future__ import annotations

ANY = ""
STATUS = {"crash": 139}

FAILURES: dict[str, dict[str, str]] = {
    "out-of-memory": {
        ANY: (
            "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. "
            "GPU 0 has a total capacity of 12.00 GiB of which 1.25 GiB is free."
        ),
        "vllm": (
            "ValueError: Free memory on device (1.25/11.76 GiB) on startup is less than desired GPU memory utilization "
            "(0.92, 10.82 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes."
        ),
        "sglang": "RuntimeError: Not enough memory. Please try to increase --mem-fraction-static.",
        "llamacpp": (
            "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 5120.00 MiB on device 0: cudaMalloc failed: "
            "out of memory\nllama_model_load: error loading model: unable to allocate CUDA0 buffer"
        ),
        "ovms": "[GPU] clEnqueueNDRangeKernel, error code: -5 CL_OUT_OF_RESOURCES",
    },
    "kv-cache": {
        ANY: (
            "ValueError: To serve at least one request with the models's max seq len (65536), 8.00 GiB KV cache is "
            "needed, which is larger than the available KV cache memory (2.10 GiB)."
        )
    },
    "gated": {
        ANY: (
            "huggingface_hub.errors.GatedRepoError: 401 Client Error.\n"
            "Cannot access gated repo for url https://huggingface.co/{model}/resolve/main/config.json.\n"
            "Access to model {model} is restricted. You must have access to it and be authenticated to access it."
        )
    },
    "model-not-found": {
        ANY: "OSError: {model} is not a local folder and is not a valid model identifier listed on the hub",
        "llamacpp": "gguf_init_from_file: failed to open GGUF file '{model}' (No such file or directory)",
    },
    "no-network": {
        ANY: (
            "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='huggingface.co', port=443): Max retries "
            "exceeded with url: /api/models/{model} (Caused by NameResolutionError: Temporary failure in name "
            "resolution)"
        )
    },
    "driver": {ANY: "RuntimeError: The NVIDIA driver on your system is too old (found version 11040)."},
    "no-gpu": {ANY: "RuntimeError: No CUDA GPUs are available"},
    "die": {ANY: "RuntimeError: Engine core initialization failed. See root cause above."},
    "crash": {ANY: "Segmentation fault (core dumped)"},
}
"""Beside these: `never-healthy` loads for ever, `fail-requests` answers 500 to every request."""


def last_words(failure: str, engine: str, model: str) -> tuple[str, int] | None:
    by_engine = FAILURES.get(failure)
    if by_engine is None:
        return None
    words = by_engine.get(engine, by_engine[ANY])
    return words.format(model=model or "the model"), STATUS.get(failure, 1)
