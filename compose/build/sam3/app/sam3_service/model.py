"""The only file that uses SAM 3 and the GPU: a picture and a prompt in, regions out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PIL import Image

from .prompt import Box, Prompt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    import numpy as np
    from numpy.typing import NDArray

    from .settings import Settings

log = logging.getLogger(__name__)

REPOSITORY, FILE = "facebook/sam3", "sam3.pt"
RESOLUTION = 1008  # the model sees a square of this side; a larger picture tells it nothing more
MOST_MISSING = 0.1  # of the model's weights; beyond, the file is another model's


@dataclass(frozen=True)
class Region:
    box: Box
    score: float
    mask: NDArray[np.bool_]


@dataclass(frozen=True)
class Found:
    """The count of all regions above the threshold; the best regions come one by one, since masks are large."""

    total: int
    regions: Iterator[Region]


class Segmenter(Protocol):
    def segment(self, image: Image.Image, prompt: Prompt) -> Found: ...


class LoadError(Exception):
    """Reports why there is no model, and what to do."""


class OutOfMemory(Exception):  # noqa: N818  # named as PyTorch names it
    """Reports that the GPU has too little free memory for this image."""


def load(settings: Settings) -> Segmenter:
    segmenter = Sam3(settings, checkpoint(settings))
    found = segmenter.segment(Image.new("RGB", (64, 64), "gray"), Prompt("square", (), 0.99, 1))
    log.info("warm, the trial run found %d regions", found.total)
    return segmenter


def checkpoint(settings: Settings) -> Path:
    """The mounted file, or the gated one from the hub with the token of an approved account."""
    if settings.checkpoint:
        path = Path(settings.checkpoint)
        if not path.is_file():
            raise LoadError(f"there is no file {path}: mount {FILE} there, or give --hf-token-file instead")
        return path
    from huggingface_hub import hf_hub_download  # type: ignore[import-not-found]
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError  # type: ignore[import-not-found]

    try:
        return Path(hf_hub_download(REPOSITORY, FILE, revision=settings.revision, token=_token(settings)))
    except GatedRepoError as error:
        how = f"accept its terms at https://huggingface.co/{REPOSITORY} and give a token by --hf-token-file"
        raise LoadError(f"{REPOSITORY} is gated: {how}, or mount the file and give --checkpoint") from error
    except (HfHubHTTPError, OSError) as error:
        raise LoadError(f"{FILE} could not be fetched from {REPOSITORY} ({error}): give --checkpoint") from error


def _token(settings: Settings) -> str | None:
    if not settings.hf_token_file:
        return None
    try:
        token = Path(settings.hf_token_file).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise LoadError(f"the token file {settings.hf_token_file} cannot be read: {error}") from error
    if not token:
        raise LoadError(f"the token file {settings.hf_token_file} is empty")
    return token


class Sam3:
    """SAM 3 for single images, on the first CUDA device."""

    def __init__(self, settings: Settings, weights: Path) -> None:
        import torch  # type: ignore[import-not-found]  # seconds of imports: the service answers first

        if not torch.cuda.is_available():
            raise LoadError("no CUDA device is visible: SAM 3 runs on NVIDIA GPUs only")
        from sam3.model.sam3_image_processor import Sam3Processor  # type: ignore[import-not-found]
        from sam3.model_builder import build_sam3_image_model  # type: ignore[import-not-found]

        self._torch = torch
        self._dtype = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}[settings.precision]
        model = build_sam3_image_model(device="cuda", eval_mode=True, checkpoint_path=None, load_from_HF=False)
        self._fill(model, weights)
        self._processor: Any = Sam3Processor(model, resolution=RESOLUTION, device="cuda")

    def _fill(self, model: Any, weights: Path) -> None:
        """Fills the model from a file and refuses missing weights; SAM 3's own loader would leave them at random
        values."""
        try:
            stored = self._torch.load(weights, map_location="cpu", weights_only=True)
        except Exception as error:  # unpickling fails in many ways, all of which mean the same here
            raise LoadError(f"{weights} is not a readable checkpoint: {error}") from error
        if not isinstance(stored, dict):
            raise LoadError(f"{weights} holds no dictionary of weights: is it {FILE}?")
        stored = stored["model"] if isinstance(stored.get("model"), dict) else stored
        wanted = {name.replace("detector.", ""): value for name, value in stored.items() if "detector" in name}
        missing, _ = model.load_state_dict(wanted, strict=False)
        if len(missing) > MOST_MISSING * len(model.state_dict()):
            raise LoadError(f"{weights} lacks {len(missing)} of {len(model.state_dict())} weights: is it {FILE}?")
        if missing:
            log.warning("%s lacks %d weights, among them %s", weights, len(missing), missing[0])

    def _mixed(self) -> AbstractContextManager[Any]:
        mixed: AbstractContextManager[Any] = self._torch.autocast(
            "cuda", dtype=self._dtype, enabled=self._dtype is not self._torch.float32
        )
        return mixed

    def segment(self, image: Image.Image, prompt: Prompt) -> Found:
        small = image.copy()
        small.thumbnail((RESOLUTION, RESOLUTION), Image.Resampling.LANCZOS)
        try:
            with self._torch.inference_mode(), self._mixed():
                state = self._prompted(small, image.size, prompt)
        except self._torch.cuda.OutOfMemoryError as error:
            self._torch.cuda.empty_cache()
            raise OutOfMemory(str(error)) from error
        best = state["scores"].float().argsort(descending=True)[: prompt.max_masks].tolist()
        stretch = image.width / small.width, image.height / small.height
        return Found(len(state["scores"]), (self._region(state, place, image.size, stretch) for place in best))

    def _prompted(self, small: Image.Image, size: tuple[int, int], prompt: Prompt) -> Any:
        processor = self._processor
        processor.set_confidence_threshold(prompt.threshold)
        state = processor.set_image(small)
        if prompt.text:
            state = processor.set_text_prompt(prompt.text, state)
        for box in prompt.boxes:
            state = processor.add_geometric_prompt(centred(box, *size), True, state)  # a positive example
        return state

    def _region(self, state: Any, place: int, size: tuple[int, int], stretch: tuple[float, float]) -> Region:
        """One region. Masks are enlarged one at a time: all at once would not fit beside the model."""
        width, height = size
        with self._torch.inference_mode():
            share = state["masks_logits"][place : place + 1].float()
            full = self._torch.nn.functional.interpolate(share, (height, width), mode="bilinear", align_corners=False)
            mask = (full[0, 0] > 0.5).cpu().numpy()
        x0, y0, x1, y1 = state["boxes"][place].float().tolist()
        box = (
            min(max(x0 * stretch[0], 0.0), width),
            min(max(y0 * stretch[1], 0.0), height),
            min(max(x1 * stretch[0], 0.0), width),
            min(max(y1 * stretch[1], 0.0), height),
        )
        return Region(box, float(state["scores"][place]), mask)


def centred(box: Box, width: int, height: int) -> list[float]:
    """A box in the processor's form: centre and size, as shares of the picture."""
    x0, y0, x1, y1 = box
    return [(x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height]
