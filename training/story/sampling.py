"""Texts that a net writes itself, from left to right."""

import torch
import torch.nn.functional as F

from story.model import StoryModel, rotate


@torch.no_grad()
def continued(model: StoryModel, ids, length: int, generator: torch.Generator, temperature: float = 1.0):
    """`ids` [B, P] continued to [B, length], each token drawn from the model's law; temperature 0: the likeliest."""
    c = model.c
    kv = (len(model.layers), 2, len(ids), c.num_key_value_heads, length, c.head_dim)
    known = torch.zeros(kv, device=ids.device)
    done = 0
    while ids.shape[1] < length:
        x, positions = model.embed_tokens(ids[:, done:]), torch.arange(done, ids.shape[1], device=ids.device)
        for layer, (keys, values) in zip(model.layers, known):
            x = layer_on_cache(layer, x, positions, keys, values)
        done = ids.shape[1]
        logits = model.logits(model.norm(x[:, -1])).float().cpu()
        if temperature == 0:
            drawn = logits.argmax(-1, keepdim=True)
        else:
            drawn = torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator)
        ids = torch.cat([ids, drawn.to(ids.device)], 1)
    return ids


def layer_on_cache(layer, x, positions, keys, values):
    """A layer of rows `x` [B, M, E] at `positions` [M], whose keys and values are put into [B, heads, T, D]."""
    c, (rows, length, _) = layer.c, x.shape
    shared, end = c.num_attention_heads // c.num_key_value_heads, int(positions[-1]) + 1
    heads = lambda h: h.view(rows, length, -1, c.head_dim).transpose(1, 2)
    h = layer.input_layernorm(x)
    q = rotate(layer.q_norm(heads(layer.q_proj(h))), positions, c.rope_theta)
    keys[:, :, positions] = rotate(layer.k_norm(heads(layer.k_proj(h))), positions, c.rope_theta)
    values[:, :, positions] = heads(layer.v_proj(h))
    k, v = (part[:, :, :end].repeat_interleave(shared, 1) for part in (keys, values))
    a = F.scaled_dot_product_attention(q, k, v, is_causal=length > 1)
    x = x + layer.o_proj(a.transpose(1, 2).reshape(rows, length, -1))
    h = layer.post_attention_layernorm(x)
    return x + layer.down_proj(F.silu(layer.gate_proj(h)) * layer.up_proj(h))
