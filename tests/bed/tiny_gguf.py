"""A llama of two layers with random weights, written without any download."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gguf
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

LAYERS, WIDTH, HEADS, KV_HEADS, FEED_FORWARD, CONTEXT = 2, 64, 4, 2, 128, 4096
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)
SPECIAL = {"<unk>": gguf.TokenType.UNKNOWN, "<s>": gguf.TokenType.CONTROL, "</s>": gguf.TokenType.CONTROL}
BYTES = {f"<0x{byte:02X}>": gguf.TokenType.BYTE for byte in range(256)}
VOCABULARY = {**SPECIAL, **BYTES}


def write(path: Path) -> None:
    """The same bytes every time: the weights come from a fixed seed."""
    model = gguf.GGUFWriter(path, "llama")
    describe(model)
    for name, tensor in weights():
        model.add_tensor(name, tensor)
    model.write_header_to_file()
    model.write_kv_data_to_file()
    model.write_tensors_to_file()
    model.close()


def describe(model: gguf.GGUFWriter) -> None:
    model.add_name("tiny-random-bytes")
    model.add_context_length(CONTEXT)
    model.add_embedding_length(WIDTH)
    model.add_block_count(LAYERS)
    model.add_feed_forward_length(FEED_FORWARD)
    model.add_head_count(HEADS)
    model.add_head_count_kv(KV_HEADS)
    model.add_layer_norm_rms_eps(1e-5)
    model.add_rope_dimension_count(WIDTH // HEADS)
    model.add_rope_freq_base(10000.0)
    model.add_vocab_size(len(VOCABULARY))
    model.add_file_type(gguf.LlamaFileType.ALL_F32)
    model.add_tokenizer_model("llama")
    model.add_tokenizer_pre("default")
    model.add_token_list(list(VOCABULARY))
    model.add_token_scores([0.0] * len(VOCABULARY))
    model.add_token_types([int(kind) for kind in VOCABULARY.values()])
    for token, add in enumerate((model.add_unk_token_id, model.add_bos_token_id, model.add_eos_token_id)):
        add(token)
    model.add_add_bos_token(True)
    model.add_add_space_prefix(False)
    model.add_chat_template(CHAT_TEMPLATE)


def weights() -> list[tuple[str, NDArray[np.float32]]]:
    random = np.random.default_rng(0)

    def noise(*shape: int) -> NDArray[np.float32]:
        return (random.standard_normal(shape) * 0.05).astype(np.float32)

    ones = np.ones(WIDTH, np.float32)
    kv_width = WIDTH // HEADS * KV_HEADS
    matrices = {
        "attn_q": (WIDTH, WIDTH),
        "attn_k": (kv_width, WIDTH),
        "attn_v": (kv_width, WIDTH),
        "attn_output": (WIDTH, WIDTH),
        "ffn_gate": (FEED_FORWARD, WIDTH),
        "ffn_up": (FEED_FORWARD, WIDTH),
        "ffn_down": (WIDTH, FEED_FORWARD),
    }
    tensors = [
        ("token_embd.weight", noise(len(VOCABULARY), WIDTH)),
        ("output_norm.weight", ones),
        ("output.weight", noise(len(VOCABULARY), WIDTH)),
    ]
    for layer in range(LAYERS):
        tensors += [(f"blk.{layer}.{name}.weight", noise(*shape)) for name, shape in matrices.items()]
        tensors += [(f"blk.{layer}.{name}.weight", ones) for name in ("attn_norm", "ffn_norm")]
    return tensors
