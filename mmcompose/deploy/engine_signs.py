"""What engines print before they die, one row per cause, the particular before the general: the first that fits counts.

Sources: the parsers and messages of vLLM, SGLang, llama.cpp, OpenVINO Model Server, huggingface_hub and PyTorch.
"""

from __future__ import annotations

from mmcompose.deploy.signs import EXPLAIN, Sign

ENGINE_SIGNS: tuple[Sign, ...] = (
    Sign(
        "gpu-memory",
        (
            r"(?:CUDA|HIP|XPU) out of memory",
            r"torch(?:\.cuda)?\.OutOfMemoryError",
            r"cudaMalloc failed: out of memory|CUDA error: out of memory",
            r"No available memory for the cache blocks",
            r"Free memory on device[^\n]*less than desired GPU memory utilization",
            r"Not enough memory\. Please try to increase --mem-fraction",
            r"failed to allocate (?:CUDA|ROCm|Vulkan|SYCL)\d* buffer",
            r"ErrorOutOfDeviceMemory|CL_OUT_OF_(?:RESOURCES|HOST_MEMORY)",
        ),
        "the memory of the GPU is not enough",
        "mmcompose status shows who else holds the GPU; less context or fewer sequences need less",
    ),
    Sign(
        "kv-cache",
        (r"max seq len[^\n]*KV cache", r"larger than the available KV cache memory|KV cache is not large enough"),
        "the context is longer than the KV cache that fits into the GPU",
        "a shorter one: mmcompose up {profile} --set args.max_model_len=8192",
    ),
    Sign(
        "context-too-long",
        (
            r"max_model_len \((?P<asked>\d+)\) is greater than the derived max_model_len \(\D*(?P<most>\d+)",
            r"ValueError:[^\n]* context_length \((?P<asked>\d+)\) is greater than the derived \w+ \((?P<most>\d+)",
        ),
        "the model reads {most} tokens at most, and is asked for a context of {asked}",
        EXPLAIN + "args shows where it is set",
    ),
    Sign(
        "unknown-flag",
        (
            r"unrecognized arguments?: (?P<flag>[^\n]+)",
            r"unmatched arguments: (?P<flag>[^\n]*[^\n,\s])",
            r"invalid argument: (?P<flag>\S+)",
            r"[Nn]o such option:? (?P<flag>[^\s.]+)",
            r"Option .?(?P<flag>[\w-]+).? does not exist",
            r"unknown (?:argument|flag|option):? (?P<flag>\S+)",
        ),
        "the engine does not know {flag}",
        "mmcompose validate; or this image is another release than `version:` says",
    ),
    Sign(
        "unknown-flag",
        (r"ambiguous option: (?P<flag>\S+) could match (?P<names>[^\n]+)",),
        "{flag} may be several flags of the engine: {names}",
        "write the whole name of the one that is meant, then mmcompose validate",
    ),
    Sign(
        "bad-value",
        (
            r"error: argument (?P<flag>[-\w./]+): (?P<why>[^\n]+)",
            r"error while handling argument \"(?P<flag>[^\"]+)\": (?P<why>[^\n]+)",
            r"Invalid value for ['\"]?(?P<flag>-[-\w]+)[^:\n]*: (?P<why>[^\n]+)",
        ),
        "the engine refuses the value of {flag}: {why}",
        "mmcompose validate",
    ),
    Sign(
        # Without the name of the option, which the server does not tell.
        "bad-value",
        (r"error parsing options: Argument (?P<why>[^\n]+ failed to parse)",),
        "the engine refuses a value: {why}",
        "mmcompose validate",
    ),
    Sign(
        "missing-flag",
        (
            r"the following arguments are required: (?P<flag>[^\n]+)",
            r"Missing (?:argument|option|parameter):? ['\"](?P<flag>[^'\"\n]+)",
            r"Option .(?P<flag>[-\w]+). (?:is missing|requires) an argument",
        ),
        "the engine was not told {flag}",
        "mmcompose validate; or this image is another release than `version:` says",
    ),
    Sign(
        "gated-model",
        (
            r"GatedRepoError|[Cc]annot access gated repo",
            r"Access to model \S+ is restricted",
            r"(?:401|403) Client Error[^\n]*huggingface",
            r"Invalid (?:username or password|user token|credentials in Authorization)",
            r"https?://huggingface\.co[^\n]*status:? (?:401|403)",
        ),
        "the model is gated, and no token that may read it was given",
        "accept its licence on the hub, and give the token to the profile as a secret",
    ),
    Sign(
        "permission-denied",
        (
            r"failed to open GGUF file '(?P<path>[^'\n]+)' \(Permission denied",
            r"PermissionError[^\n]*?: '(?P<path>[^'\n]+)'",
            r"[Pp]ermission denied:? '?(?P<path>/[^'\s]+)",
            r"(?<![^\s:'\"])(?P<path>/[^\s:'\"]+)['\"]?: [Pp]ermission denied",
            r"[Cc]an(?:no|')t (?:open|create|write)[^\n]*?(?P<path>/[^\s:'\"]+)[^\n]*[Pp]ermission denied",
        ),
        "the user of the engine may not touch {path}",
        EXPLAIN + "security.user; files and folders of the host must be readable for that uid",
    ),
    Sign(
        "model-not-found",
        (
            r"failed to open GGUF file '(?P<path>[^'\n]+)'",
            r"(?:failed to open|error loading model[^\n]*open) (?P<path>/\S+\.gguf)",
            r"Repo id must be in the form[^\n]*: '(?P<path>[^'\n]+)'",
            r"(?<![\w./-])(?P<path>[\w./-]+)'? is not a (?:local folder and is not a )?valid model identifier",
            r"Invalid repository ID or local directory specified: '(?P<path>[^'\n]+)'",
            r"(?:Repository|Revision|RemoteEntry|Entry)NotFoundError",
            r"404 Client Error|HTTP(?:Error)?:? 404|[Ss]tatus(?: code)?:? 404",
            r"directory:? (?P<path>\S+) (?:doesn't|does not) exist",
            r"[Cc]ould not find a (?:config|model) file in (?P<path>\S+)",
        ),
        "the model was not found{of_path}",
        EXPLAIN + "weights",
    ),
    Sign(
        "read-only",
        (r"[Rr]ead-only file system:? ?'?(?P<path>/[^'\s]+)?",),
        "the engine writes outside its cache{of_path}",
        "give that path a cache or a tmpfs: " + EXPLAIN + "caches",
    ),
    Sign(
        "model-broken",
        (
            r"unknown model architecture: '(?P<why>[^'\n]+)'",
            r"(?P<why>invalid magic characters|failed to read magic)",
            r"(?P<why>tensor [^\n]* is not within the file bounds)",
            r"(?P<why>SafetensorError|HeaderTooLarge|model is corrupted or incomplete)",
            r"gguf_init_from_\w+: (?P<why>[^\n]+)",
        ),
        "the file of the model is broken, or of a kind that this release cannot read ({why})",
        "compare its size and checksum with those of the hub, or take a newer release of the engine",
    ),
    Sign(
        "config-refused",
        (
            r"Trying to parse mediapipe graph definition: \S+ failed",
            r"[Cc]onfiguration file (?:is invalid|doesn't exist)|[Cc]ouldn't load config",
            r"Error parsing text-format (?P<why>[^\n]+)",
            r"(?:graph|[Cc]onfig)[^\n]*(?:validation failed|is not (?:a )?valid JSON|schema)",
            r"LLM [Nn]ode[^\n]*(?:invalid|failed)",
        ),
        "the server refuses its graph or its configuration",
        "mmcompose ovms check FILE finds the line",
    ),
    Sign(
        "driver-too-old",
        (
            r"CUDA driver version is insufficient",
            r"NVIDIA driver on your system is too old",
            r"forward compatibility was attempted",
        ),
        "the NVIDIA driver is too old for this image",
        "update the driver, or take an older release: mmcompose up {profile} --backend-version VERSION",
    ),
    Sign(
        "no-gpu-inside",
        (
            r"[Nn]o CUDA-capable device|No CUDA GPUs are available",
            r"Failed to infer device type",
            r"ggml_cuda_init: failed",
            r"[Nn]o HIP(?:-capable)? devices?",
            r"No device of requested type available",
        ),
        "the engine sees no GPU",
        "compare what nvidia-smi or rocm-smi lists with profiles/hosts/{host}.yaml",
    ),
    Sign(
        "shared-memory",
        (
            r"unable to (?:write to|open) (?:file|shared memory object) <?/torch",
            r"insufficient shared memory",
            r"Bus error",
        ),
        "the shared memory is too small",
        "mmcompose up {profile} --set resources.shm_size=8g",
    ),
    Sign(
        "cpu-too-old",
        (r"[Ii]llegal instruction",),
        "the image was built for a newer processor",
        "build it here: mmcompose up {profile} --image-type build",
    ),
    Sign(
        "host-memory",
        (
            r"std::bad_alloc|\bMemoryError\b",
            r"[Cc]annot allocate memory",
            r"DefaultCPUAllocator: (?:not enough|can't allocate) memory",
            r"failed to allocate (?:CPU )?buffer",
        ),
        "the memory of the container is not enough",
        "mmcompose up {profile} --set resources.memory=SIZE",
    ),
    Sign(
        "address-inside",
        (
            r"couldn't bind (?:to )?(?:HTTP )?server socket",
            r"error while attempting to bind on address",
            r"\[Errno 98\]|[Aa]ddress already in use",
        ),
        "the engine cannot listen on its port inside the container",
        EXPLAIN + "listen",
    ),
    Sign(
        "no-network",
        (
            r"Temporary failure in name resolution|Name or service not known",
            r"[Cc]ould not resolve host|[Cc]ould not establish connection",
            r"LocalEntryNotFoundError|Max retries exceeded with url|ProxyError",
            r"Failed to establish a new connection|failed to download",
        ),
        "the model has to be downloaded, and the container does not reach the hub",
        "fetch the weights once and set weights.path, or give the machine a network",
        final=False,
    ),
)
