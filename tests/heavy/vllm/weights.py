"""Runs inside the image of vLLM: SmolLM2 from its GGUF file to a folder as the hub has it.

python weights.py SmolLM2.gguf FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch  # type: ignore[import-not-found]
from gguf import GGUFReader, dequantize
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM  # type: ignore[import-not-found]

PARTS = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
WHOLE = {"token_embd": "model.embed_tokens", "output_norm": "model.norm"}


def config(reader: GGUFReader) -> LlamaConfig:
    def of(key: str) -> Any:
        return reader.fields[f"llama.{key}"].contents()

    return LlamaConfig(
        vocab_size=of("vocab_size"),
        hidden_size=of("embedding_length"),
        intermediate_size=of("feed_forward_length"),
        num_hidden_layers=of("block_count"),
        num_attention_heads=of("attention.head_count"),
        num_key_value_heads=of("attention.head_count_kv"),
        max_position_embeddings=of("context_length"),
        rms_norm_eps=of("attention.layer_norm_rms_epsilon"),
        rope_parameters={"rope_type": "default", "rope_theta": of("rope.freq_base")},
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
    )


def name_of(tensor: str) -> str:
    parts = tensor.split(".")
    if parts[0] in WHOLE:
        return f"{WHOLE[parts[0]]}.weight"
    return f"model.layers.{parts[1]}.{PARTS[parts[2]]}.weight"


def ordered(weight: Any, tensor: str, heads: Any) -> Any:
    """llama.cpp keeps the rows of queries and keys in another order."""
    count = next((number for part, number in heads.items() if f".{part}." in tensor), None)
    if count is None:
        return weight
    pairs = weight.reshape(count, weight.shape[0] // count // 2, 2, *weight.shape[1:])
    return pairs.swapaxes(1, 2).reshape(weight.shape)


def main(source: Path, sink: Path) -> None:
    reader = GGUFReader(source)
    shape = config(reader)
    heads = {"attn_q": shape.num_attention_heads, "attn_k": shape.num_key_value_heads}
    weights = {}
    for tensor in reader.tensors:
        plain = np.ascontiguousarray(dequantize(tensor.data, tensor.tensor_type), dtype=np.float32)
        weights[name_of(tensor.name)] = torch.from_numpy(ordered(plain, tensor.name, heads).copy())
    model = LlamaForCausalLM(shape)
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert (missing, unexpected) in ((["lm_head.weight"], []), ([], [])), (missing, unexpected)
    model.tie_weights()
    model.to(torch.bfloat16).save_pretrained(sink)
    AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name).save_pretrained(sink)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
