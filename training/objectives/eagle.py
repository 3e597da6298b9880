"""A head on the target's states that writes a chain (EAGLE, arXiv 2401.15077), trained as it is used (EAGLE-3, arXiv 2503.01840 §3).

Row i reads token i + 1 beside the state of token i, and predicts token i + 2. From the second step on it reads its own states in place of the
target's, as a draft does; its row sees the rows of earlier steps there where a draft would.
"""

import json
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

from story.folder import long_name, write_json, write_weights
from story.model import Config, Layer, rotate
from story.run import MODELS

DECAY = 0.8


class Head(nn.Module):
    """`fc` of [token; state], then one decoder layer that has no norm before its attention."""

    def __init__(self, c: Config):
        super().__init__()
        self.c = c
        self.fc = nn.Linear(2 * c.hidden_size, c.hidden_size, bias=False)
        nn.init.normal_(self.fc.weight, std=0.02)
        self.layer = Layer(c)
        del self.layer.input_layernorm

    def forward(self, tokens, states, known, mask):
        """States [B, T, E] of the next tokens; `known` keys and values of earlier steps, to which this step's are added; `mask` [T, steps T]."""
        c, layer = self.c, self.layer
        x = self.fc(torch.cat([tokens, states], -1))
        rows, length, _ = x.shape
        size, shared = c.head_dim, c.num_attention_heads // c.num_key_value_heads
        positions = torch.arange(length, device=x.device)
        q = layer.q_norm(layer.q_proj(x).view(rows, length, -1, size)).transpose(1, 2)
        k = layer.k_norm(layer.k_proj(x).view(rows, length, -1, size)).transpose(1, 2)
        v = layer.v_proj(x).view(rows, length, -1, size).transpose(1, 2)
        known.append((rotate(k, positions, c.rope_theta), v))
        k, v = (torch.cat(parts, 2).repeat_interleave(shared, 1) for parts in zip(*known))
        a = F.scaled_dot_product_attention(rotate(q, positions, c.rope_theta), k, v, attn_mask=mask)
        x = x + layer.o_proj(a.transpose(1, 2).reshape(rows, length, -1))
        h = layer.post_attention_layernorm(x)
        return x + layer.down_proj(F.silu(layer.gate_proj(h)) * layer.up_proj(h))


def start(run) -> Head:
    return Head(run.teacher.c)


def seen(length: int, steps: int) -> torch.Tensor:
    """Row i of step s sees rows up to i - s of the first step, and row i - s + r of each step r behind it."""
    i, j = torch.arange(length)[:, None], torch.arange(length)
    parts = [j <= i - steps] + [j == i - steps + r for r in range(1, steps + 1)]
    return torch.cat(parts, 1)


def loss(run, head, ids, random):
    teacher, steps = run.teacher, run.get("steps", 4)
    with torch.no_grad():
        states = teacher.hidden(ids, causal=True)
        # What the target says behind token i + 1.
        law = teacher.logits(states[:, 1:]).float().softmax(-1)
        tokens = teacher.embed_tokens(ids[:, 1:])
    known, total, weight = [], 0.0, 0.0
    now = states[:, :-1]
    for step in range(steps):
        out = head(tokens, now, known, seen(tokens.shape[1], step).to(ids.device))
        said = teacher.logits(out[:, step:]).float().log_softmax(-1)
        total = total + DECAY**step * -(law[:, step:] * said).sum(-1).mean()
        weight += DECAY**step
        # Row i reads what row i - 1 said the state of its token is.
        now = F.pad(out[:, :-1], (0, 0, 1, 0))
    return total / weight


def write(run, head, out: Path) -> None:
    config = json.loads((MODELS / run["teacher"] / "config.json").read_text())
    write_json(out / "config.json", config | {"num_hidden_layers": 1})
    layer = {long_name(f"layers.0.{name}"): weight for name, weight in head.layer.state_dict().items()}
    write_weights(out / "model.safetensors", {"fc.weight": head.fc.weight, **layer})
