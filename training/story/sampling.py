"""Texts that a net writes itself: from left to right, or block by block."""

import torch
import torch.nn.functional as F

from story.folder import MASK, without_mask
from story.model import StoryModel, rotate


@torch.no_grad()
def continued(model: StoryModel, ids, length: int, generator: torch.Generator, temperature: float = 1.0):
    """`ids` [B, P] continued to [B, length], each token drawn from the model's law; temperature 0: the likeliest."""
    known = Cache(model, len(ids), length, ids.device)
    while ids.shape[1] < length:
        states = known.read(ids[:, known.length :], is_causal=True)
        ids = torch.cat([ids, drawn(model.logits(states[:, -1]), generator, temperature)], 1)
    return ids


@torch.no_grad()
def unmasked(model: StoryModel, ids, length: int, block: int, generator: torch.Generator, temperature: float = 0.0):
    """`ids` [B, P] continued to [B, length] by block diffusion, one token a forward and row: the surest of its block."""
    known = Cache(model, len(ids), length, ids.device)
    while ids.shape[1] < length:
        start = ids.shape[1] // block * block
        if start > known.length:
            known.read(ids[:, known.length : start], block=block)
        now = torch.full((len(ids), min(block, length - start)), MASK, device=ids.device)
        now[:, : ids.shape[1] - start] = ids[:, start:]
        for _ in range(start + now.shape[1] - ids.shape[1]):
            logits = without_mask(model.logits(known.read(now, keep=False)))
            tokens = drawn(logits.flatten(0, 1), generator, temperature).view(now.shape)
            sure = logits.float().softmax(-1).gather(-1, tokens[..., None])[..., 0].masked_fill(now != MASK, -1)
            best = sure.argmax(-1, keepdim=True)
            now.scatter_(1, best, tokens.gather(1, best))
        ids = torch.cat([ids[:, :start], now], 1)
    return ids


def drawn(logits, generator: torch.Generator, temperature: float):
    """One token of each row [B, V], as [B, 1]; temperature 0: the likeliest."""
    if temperature == 0:
        return logits.argmax(-1, keepdim=True)
    return torch.multinomial((logits.float().cpu() / temperature).softmax(-1), 1, generator=generator).to(logits.device)


class Cache:
    """Keys and values of what a net has read of each row."""

    def __init__(self, model: StoryModel, rows: int, length: int, device):
        c = model.c
        self.model, self.length = model, 0
        self.known = torch.zeros((len(model.layers), 2, rows, c.num_key_value_heads, length, c.head_dim), device=device)

    def read(self, ids, is_causal=False, block=None, keep=True):
        """Normed states [B, M, E] of the ids behind what is known. Among themselves they see those before them, those up to their block's end, or all."""
        end = self.length + ids.shape[1]
        positions = torch.arange(self.length, end, device=ids.device)
        size = 1 if is_causal else block
        mask = None if size is None else positions[:, None] // size >= torch.arange(end, device=ids.device) // size
        x = self.model.embed_tokens(ids)
        for layer, (keys, values) in zip(self.model.layers, self.known):
            x = layer_on_cache(layer, x, positions, keys, values, mask)
        if keep:
            self.length = end
        return self.model.norm(x)


def layer_on_cache(layer, x, positions, keys, values, mask):
    """A layer of rows `x` [B, M, E] at `positions` [M], whose keys and values are put into [B, heads, T, D]; `mask` [M, end]."""
    c, (rows, length, _) = layer.c, x.shape
    shared, end = c.num_attention_heads // c.num_key_value_heads, int(positions[-1]) + 1
    heads = lambda h: h.view(rows, length, -1, c.head_dim).transpose(1, 2)
    h = layer.input_layernorm(x)
    q = rotate(layer.q_norm(heads(layer.q_proj(h))), positions, c.rope_theta)
    keys[:, :, positions] = rotate(layer.k_norm(heads(layer.k_proj(h))), positions, c.rope_theta)
    values[:, :, positions] = heads(layer.v_proj(h))
    k, v = (part[:, :, :end].repeat_interleave(shared, 1) for part in (keys, values))
    a = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    x = x + layer.o_proj(a.transpose(1, 2).reshape(rows, length, -1))
    h = layer.post_attention_layernorm(x)
    return x + layer.down_proj(F.silu(layer.gate_proj(h)) * layer.up_proj(h))
