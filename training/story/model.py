"""The net of the story family: a Qwen3 decoder (RMSNorm, QK-norm, RoPE, grouped queries, SwiGLU, tied embeddings).

One module serves every objective: who sees whom is the caller's mask.
"""

from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class Config:
    vocab_size: int = 4096
    hidden_size: int = 256
    num_hidden_layers: int = 6
    num_attention_heads: int = 8
    num_key_value_heads: int = 4
    head_dim: int = 32
    intermediate_size: int = 704
    max_position_embeddings: int = 512
    rope_theta: float = 10000.0
    rms_norm_eps: float = 1e-6


class RMSNorm(nn.Module):
    def __init__(self, size: int, eps: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x):
        h = x.float()
        h = h * torch.rsqrt(h.pow(2).mean(-1, keepdim=True) + self.eps)
        return (h * self.weight).to(x.dtype)


def rotate(x, positions, theta: float):
    """RoPE of `x` [B, heads, T, D] at `positions` [T] or [B, T], in the half-rotation layout of Hugging Face."""
    size = x.shape[-1]
    inverse = 1.0 / theta ** (torch.arange(0, size, 2, device=x.device).float() / size)
    angle = positions.float()[..., None] * inverse
    angle = torch.cat([angle, angle], -1)
    angle = angle[None, None] if positions.ndim == 1 else angle[:, None]
    h = x.float()
    turned = torch.cat([-h[..., size // 2 :], h[..., : size // 2]], -1)
    return (h * angle.cos() + turned * angle.sin()).to(x.dtype)


class Layer(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.c = c
        width, heads, kv_heads, size = c.hidden_size, c.num_attention_heads, c.num_key_value_heads, c.head_dim
        self.input_layernorm = RMSNorm(width, c.rms_norm_eps)
        self.q_proj = nn.Linear(width, heads * size, bias=False)
        self.k_proj = nn.Linear(width, kv_heads * size, bias=False)
        self.v_proj = nn.Linear(width, kv_heads * size, bias=False)
        self.o_proj = nn.Linear(heads * size, width, bias=False)
        self.q_norm = RMSNorm(size, c.rms_norm_eps)
        self.k_norm = RMSNorm(size, c.rms_norm_eps)
        self.post_attention_layernorm = RMSNorm(width, c.rms_norm_eps)
        self.gate_proj = nn.Linear(width, c.intermediate_size, bias=False)
        self.up_proj = nn.Linear(width, c.intermediate_size, bias=False)
        self.down_proj = nn.Linear(c.intermediate_size, width, bias=False)

    def forward(self, x, positions, mask, causal):
        c = self.c
        rows, length, _ = x.shape
        heads, kv_heads, size = c.num_attention_heads, c.num_key_value_heads, c.head_dim
        h = self.input_layernorm(x)
        q = self.q_norm(self.q_proj(h).view(rows, length, heads, size)).transpose(1, 2)
        k = self.k_norm(self.k_proj(h).view(rows, length, kv_heads, size)).transpose(1, 2)
        v = self.v_proj(h).view(rows, length, kv_heads, size).transpose(1, 2)
        q, k = rotate(q, positions, c.rope_theta), rotate(k, positions, c.rope_theta)
        k, v = (part.repeat_interleave(heads // kv_heads, 1) for part in (k, v))
        a = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)
        x = x + self.o_proj(a.transpose(1, 2).reshape(rows, length, heads * size))
        h = self.post_attention_layernorm(x)
        return x + self.down_proj(F.silu(self.gate_proj(h)) * self.up_proj(h))


class StoryModel(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.c = c
        self.embed_tokens = nn.Embedding(c.vocab_size, c.hidden_size)
        self.layers = nn.ModuleList(Layer(c) for _ in range(c.num_hidden_layers))
        self.norm = RMSNorm(c.hidden_size, c.rms_norm_eps)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                nn.init.normal_(weight, std=0.02)
            if name.endswith(("o_proj.weight", "down_proj.weight")):
                nn.init.zeros_(weight)

    def hidden(self, ids, positions=None, mask=None, causal=False):
        """Normed states [B, T, E] of `ids` [B, T]; `mask` [T, T] is true where a row may see a column."""
        x = self.embed_tokens(ids)
        if positions is None:
            positions = torch.arange(ids.shape[1], device=ids.device)
        for layer in self.layers:
            x = layer(x, positions, mask, causal)
        return self.norm(x)

    def logits(self, states):
        return F.linear(states, self.embed_tokens.weight)

    def forward(self, ids, positions=None, mask=None, causal=False):
        return self.logits(self.hidden(ids, positions, mask, causal))
