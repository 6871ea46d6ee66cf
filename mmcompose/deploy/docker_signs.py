"""What Docker's refusals mean, one row per cause, the particular before the general. The first that fits is taken."""

from __future__ import annotations

from mmcompose.deploy.signs import EXPLAIN, Sign

DOCKER_SIGNS: tuple[Sign, ...] = (
    Sign(
        "docker-denied",
        (r"permission denied while trying to connect to the [Dd]ocker (?:daemon|API)",),
        "this user may not talk to Docker",
        "sudo usermod -aG docker $USER, then log in again",
    ),
    Sign(
        "docker-hangs",
        (r"(?m)^(?P<asked>docker[^\n]*) gave no answer in (?P<patience>\d+) s",),
        "Docker does not answer: `{asked}` took longer than {patience} s",
        "systemctl status docker; a daemon that hangs is helped by systemctl restart docker",
    ),
    Sign(
        "docker-elsewhere",
        (
            r"stderr=ssh: (?P<at>[^\n]+)",
            r"error during connect: [^\n]*dial tcp: (?P<at>lookup [^\n]+)",
            r"(?:connect to the Docker daemon|connect to the docker API) at (?P<at>(?:tcp|ssh|https?)://\S+?)[.;,]? ",
            r"unable to resolve docker endpoint: (?P<at>[^\n]+)",
        ),
        "Docker does not answer where DOCKER_HOST or the Docker context says: {at}",
        "docker context ls shows what is chosen; without DOCKER_HOST it is the engine of this machine",
    ),
    Sign(
        "docker-gone",
        (r"(?:connect to the Docker daemon|connect to the docker API) at (?P<at>unix://\S+?)[.;,]? ",),
        "Docker does not answer at {at}: it is not running, or it went away",
        "systemctl start docker, then docker version",
    ),
    Sign(
        "docker-gone",
        (
            r"[Cc]annot connect to the Docker daemon",
            r"failed to connect to the docker API",
            r"error during connect",
            r"docker\.sock: connect: (?:connection refused|no such file)",
            r"unexpected EOF",
        ),
        "Docker does not answer: it is not running, or it went away",
        "systemctl start docker, then docker version",
    ),
    Sign(
        "docker-missing",
        (r"docker: no such program",),
        "Docker is not installed, or not on PATH",
        "install Docker Engine and its Compose plugin",
    ),
    Sign(
        "compose-missing",
        (
            r"'compose' is not a docker command",
            r"unknown docker command: \"compose",
            r"unknown shorthand flag: 'f' in -f",
        ),
        "Docker has no Compose plugin",
        "install docker-compose-plugin, 2.20 or newer",
    ),
    Sign(
        "port-taken",
        (
            r"Bind for \S*?:(?P<port>\d+) failed: port is already allocated",
            r"listen tcp[46]? \S*?:(?P<port>\d+): bind: address already in use",
            r"failed to bind (?:host )?port (?:for )?\S*?:(?P<port>\d+)[:/ ].*(?:in use|allocated)",
        ),
        "port {port} is taken{holder}",
        "free it, or give another one: mmcompose up {profile} --set ports.api=auto",
    ),
    Sign(
        "port-denied",
        (
            r"(?:listen tcp[46]?|bind) \S*?:(?P<port>\d+)\S*:? bind: (?:permission denied|cannot assign)",
            r"failed to bind (?:host )?port (?:for )?\S*?:(?P<port>\d+)[:/ ].*(?:permission denied|cannot assign)",
        ),
        "Docker may not listen on port {port} at that address",
        EXPLAIN + "ports.api",
    ),
    Sign(
        "gpu-toolkit-missing",
        (
            r"could not select device driver \"[^\"]*\" with capabilities",
            r"[Uu]nknown runtime specified nvidia",
            r"unknown or invalid runtime name: nvidia",
            r"nvidia-container-cli: initialization error",
        ),
        "Docker cannot hand out GPUs: there is none, or the NVIDIA Container Toolkit is missing or new to Docker",
        "mmcompose doctor {profile} tells which, and what to do",
    ),
    Sign(
        "device-missing",
        (
            r"error gathering device information while adding custom device \"(?P<device>[^\"]+)\"",
            r"unresolvable CDI devices (?P<device>\S+)",
            r"device error: (?P<device>[^:]+): unknown device",
        ),
        "device {device} is not on this machine",
        "compare what `ls /dev/dri` or `nvidia-smi -L` lists with profiles/hosts/{host}.yaml",
    ),
    Sign(
        "driver-too-old",
        (r"unsatisfied condition: (?P<need>[^,\n]+), please update your driver",),
        "the NVIDIA driver is too old for the image: it needs {need}",
        "update the driver, or take an older release: mmcompose up {profile} --backend-version VERSION",
    ),
    Sign(
        "program-missing",
        (
            r"exec: \"(?P<program>[^\"]+)\": (?:executable file not found|stat [^:]+: no such file|permission denied)",
            r"exec: \"(?P<program>[^\"]+)\": no such file",
        ),
        "image {image} has no program {program}: it is not an image of this engine",
        EXPLAIN + "image",
    ),
    Sign(
        "platform",
        (
            r"exec format error",
            r"no matching manifest for \S+",
            r"does not match the (?:detected|specified) (?:host )?platform",
        ),
        "image {image} is made for another kind of processor",
        "choose one for this machine: mmcompose up {profile} --image IMAGE",
    ),
    Sign(
        "image-missing",
        (
            r"[Nn]o such image: (?P<image>\S+)",
            r"pull access denied for (?P<image>[^,\s]+)",
            r"manifest (?:for \S+ )?(?:not found|unknown)",
            r"failed to resolve (?:source metadata for |reference )\"?(?P<image>[^\s\"]+?)\"?: ",
            r"failed to resolve (?:source metadata|reference)",
            r"Error (?:response from daemon: )?Get \"?https?://",
            r"repository does not exist",
            r"denied: requested access",
        ),
        "image {image} is not on this machine and could not be pulled",
        "docker pull {image}",
    ),
    Sign(
        "mount-kind",
        (r"error mounting \"(?P<path>[^\"]+)\"[^\n]*not a directory",),
        "{path} is a file where its container has a folder, or the other way round",
        "mmcompose down {profile}, then up again: a new container takes it as it is now",
    ),
    Sign(
        "mount-missing",
        (
            r"bind source path does not exist: (?P<path>[^\n\"]+?)(?=[\"\n]|$)",
            r"error mounting \"(?P<path>[^\"]+)\"[^\n]*no such file",
        ),
        "{path} is not on this machine",
        "put it there; mmcompose explain {profile} tells who asks for it",
    ),
    Sign(
        "name-taken",
        (r"container name \"/?(?P<name>[^\"]+)\" is already in use",),
        "a container named {name} is there already, and it is not of this project",
        "docker rm -f {name}",
    ),
    Sign(
        "paused",
        (r"cannot start a paused container",),
        "its container is paused",
        "mmcompose down {profile}, then up again; or docker unpause, where somebody paused it on purpose",
    ),
    Sign(
        "disk-full",
        (r"[Nn]o space left on device",),
        "the disk of Docker is full",
        "docker system df, then docker image prune",
    ),
    Sign(
        "cpu-limit",
        (r"[Rr]ange of CPUs is from 0\.01 to (?P<cores>[\d.]+)",),
        "the CPU limit is above the {cores} cores of this machine",
        EXPLAIN + "resources.cpus",
    ),
    Sign(
        "ulimit",
        (r"error setting rlimit type \d+",),
        "this machine does not allow the ulimits of the profile",
        EXPLAIN + "resources.ulimits",
    ),
    Sign(
        "networks-used-up",
        (r"all predefined address pools have been fully subnetted", r"could not find an available, non-overlapping"),
        "Docker has no address left for another network",
        "docker network prune",
    ),
    Sign(
        "build-failed",
        (r"failed to solve: (?P<why>[^\n]+)", r"failed to build: (?P<why>[^\n]+)"),
        "the image could not be built: {why}",
        "mmcompose up {profile} --build-only",
    ),
)
