"""The only file that uses PyTorch and its libraries: an entry in, a model on its device out."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .entries import Entry

MIB = 1 << 20


class Framework:
    """The imported libraries of one entry, and the ready device: the cost of a process before any model."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.torch: Any = importlib.import_module("torch")
        library = "ultralytics" if entry.loader == "ultralytics" else "transformers"
        self.library: Any = importlib.import_module(library)
        # Both import lazily; what the load itself needs must not count as loading.
        self.load_with: Any = self.library.YOLO if library == "ultralytics" else getattr(self.library, entry.loader)
        self.versions = {"torch": self.torch.__version__, library: self.library.__version__}
        self.device = "cuda" if self.torch.cuda.is_available() else "cpu"
        if self.device == "cuda":
            # The context and its first block of memory exist after the first tensor.
            self.torch.zeros(1, device=self.device)
            self.torch.cuda.synchronize()

    def load(self) -> Any:
        entry = self.entry
        if entry.loader == "ultralytics":
            model = self.load_with(entry.source).to(self.device)
        else:
            wishes = {"dtype": getattr(self.torch, entry.dtype)} if entry.dtype else {}
            wishes |= {"revision": entry.revision} if entry.revision else {}
            # Code from the hub is never run.
            model = self.load_with.from_pretrained(entry.source, trust_remote_code=False, **wishes)
            model = model.to(self.device).eval()
        if self.device == "cuda":
            self.torch.cuda.synchronize()
        return model

    def memory(self) -> dict[str, float | None]:
        """The figures of the framework's own allocator; null without a GPU."""
        cuda = self.torch.cuda
        if self.device != "cuda":
            return {"allocated_mib": None, "reserved_mib": None, "peak_mib": None}
        return {
            "allocated_mib": cuda.memory_allocated() / MIB,
            "reserved_mib": cuda.memory_reserved() / MIB,
            "peak_mib": cuda.max_memory_allocated() / MIB,
        }
