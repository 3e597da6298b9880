"""A Qwen3 checkpoint as a GGUF file, for llama.cpp: matrices in F16 or Q8_0, vectors in float32."""

import gguf
import numpy as np
from gguf.quants import quantize

KINDS = {"F16": gguf.LlamaFileType.MOSTLY_F16, "Q8_0": gguf.LlamaFileType.MOSTLY_Q8_0}

PARTS = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
"""Names within a layer: the checkpoint's and llama.cpp's."""


def add_config(writer, config):
    writer.add_name("peer")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])


def add_tokenizer(writer, config, tokenizer):
    """The byte-level BPE of a tokenizer.json; llama.cpp's `gpt-2` splits text as Hugging Face's ByteLevel does."""
    special = {token["id"]: token["content"] for token in tokenizer["added_tokens"]}
    words = {token: word for word, token in tokenizer["model"]["vocab"].items()} | special
    ids = range(config["vocab_size"])
    merges = (m if isinstance(m, str) else " ".join(m) for m in tokenizer["model"]["merges"])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([words[i] for i in ids])
    writer.add_token_types([gguf.TokenType.CONTROL if i in special else gguf.TokenType.NORMAL for i in ids])
    writer.add_token_merges(list(merges))
    writer.add_eos_token_id(config["eos_token_id"])
    writer.add_add_bos_token(False)


def write(path, kind, config, weights, tokenizer):
    """Writes the float32 `weights` (name to array) with matrices as `kind`, a key of KINDS."""
    writer = gguf.GGUFWriter(path, "qwen3")
    add_config(writer, config)
    writer.add_file_type(KINDS[kind])
    add_tokenizer(writer, config, tokenizer)

    def put(name, array):
        if array.ndim == 1:
            writer.add_tensor(name, array)
        elif kind == "F16":
            writer.add_tensor(name, array.astype(np.float16))
        else:
            writer.add_tensor(
                name, quantize(array, gguf.GGMLQuantizationType[kind]), raw_dtype=gguf.GGMLQuantizationType[kind]
            )

    # No head: llama.cpp takes the embedding for it where a file has none, as tied checkpoints mean it.
    put("token_embd.weight", weights["model.embed_tokens.weight"])
    put("output_norm.weight", weights["model.norm.weight"])
    for i in range(config["num_hidden_layers"]):
        for source, target in PARTS.items():
            put(f"blk.{i}.{target}.weight", weights[f"model.layers.{i}.{source}.weight"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
