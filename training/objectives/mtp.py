"""Mask tokens by gated LoRA ("Your LLM Knows the Future", arXiv 2507.11851): the target itself drafts, and its own rows keep their bits.

Groups of k masks stand behind drawn places t of a text: mask j of a group has position t + j, sees the text up to t and the masks of its group
before it, and says token t + j + 1. A sampler head says it too, from the mask's state and the token at t + j. Losses: cross-entropy of both to the
target's law at t + j, and the distance of the mask's state to the target's own.
"""

from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

from story.folder import long_name, write_json, write_weights
from story.model import Layer, StoryModel, rotate

ADAPTED = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


class LowRank(nn.Module):
    """B A x, which begins as 0."""

    def __init__(self, like: nn.Linear, rank: int):
        super().__init__()
        self.lora_A = nn.Linear(like.in_features, rank, bias=False)
        self.lora_B = nn.Linear(rank, like.out_features, bias=False)
        nn.init.zeros_(self.lora_B.weight)

    def forward(self, x):
        return self.lora_B(self.lora_A(x))


class MaskTokens(nn.Module):
    def __init__(self, trunk: StoryModel, num_masks: int, rank: int, alpha: float):
        super().__init__()
        # In a tuple: the trunk is no part of what is trained or kept.
        self.trunk, self.scale, self.rank = (trunk,), alpha / rank, rank
        width = trunk.c.hidden_size
        self.embeddings = nn.Embedding(num_masks, width)
        nn.init.normal_(self.embeddings.weight, std=0.02)
        self.added = nn.ModuleList(
            nn.ModuleDict({name: LowRank(getattr(layer, name), rank) for name in ADAPTED}) for layer in trunk.layers
        )
        self.sampler_in, self.in_norm = nn.Linear(2 * width, width), nn.LayerNorm(width)
        self.sampler_out, self.out_norm = nn.Linear(width, width), nn.LayerNorm(width)

    def layer(self, layer: Layer, added, x, text, positions, mask):
        """One layer of mask rows `x` [B, M, E] beside the keys and values of the text."""
        c, (rows, length, _) = layer.c, x.shape
        size, shared = c.head_dim, c.num_attention_heads // c.num_key_value_heads
        part = lambda name, h: getattr(layer, name)(h) + self.scale * added[name](h)
        heads = lambda h: h.view(rows, length, -1, size).transpose(1, 2)
        h = layer.input_layernorm(x)
        q = rotate(layer.q_norm(heads(part("q_proj", h))), positions, c.rope_theta)
        k = rotate(layer.k_norm(heads(part("k_proj", h))), positions, c.rope_theta)
        k, v = (torch.cat(both, 2).repeat_interleave(shared, 1) for both in zip(text, (k, heads(part("v_proj", h)))))
        a = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + part("o_proj", a.transpose(1, 2).reshape(rows, length, -1))
        h = layer.post_attention_layernorm(x)
        return x + part("down_proj", F.silu(part("gate_proj", h)) * part("up_proj", h))

    def states(self, text, numbers, positions, mask):
        """Normed states [B, M, E] of masks `numbers` [M] at `positions` [M]; `text`: keys and values of each layer."""
        trunk = self.trunk[0]
        x = self.embeddings(numbers).expand(len(text[0][0]), -1, -1)
        for layer, added, known in zip(trunk.layers, self.added, text):
            x = self.layer(layer, added, x, known, positions, mask)
        return trunk.norm(x)

    def sampled(self, states, tokens):
        """The sampler head's states, from a mask's and its token's embedding."""
        h = self.in_norm(F.silu(self.sampler_in(torch.cat([states, tokens], -1))))
        return self.out_norm(F.silu(self.sampler_out(h)))


def start(run) -> MaskTokens:
    return MaskTokens(run.teacher, run["masks"], run["rank"], run["alpha"])


@torch.no_grad()
def read(trunk: StoryModel, ids):
    """Keys and values of each layer, and normed states [B, T, E], of a text."""
    c, positions, known = trunk.c, torch.arange(ids.shape[1], device=ids.device), []
    x = trunk.embed_tokens(ids)
    for layer in trunk.layers:
        h = layer.input_layernorm(x)
        heads = lambda y: y.view(*ids.shape, -1, c.head_dim).transpose(1, 2)
        known.append((rotate(layer.k_norm(heads(layer.k_proj(h))), positions, c.rope_theta), heads(layer.v_proj(h))))
        x = layer(x, positions, None, True)
    return known, trunk.norm(x)


def loss(run, model, ids, random):
    trunk, num_masks = run.teacher, run["masks"]
    known, own = read(trunk, ids)
    places = torch.from_numpy(random.permutation(ids.shape[1] - num_masks - 1)[: run.get("groups", 24)]).sort().values
    numbers = torch.arange(num_masks).repeat(len(places))
    anchors = places.repeat_interleave(num_masks)
    # Mask 0 stands at the place behind its anchor.
    positions = anchors + 1 + numbers
    same = anchors[:, None] == anchors
    mask = torch.cat([torch.arange(ids.shape[1]) <= anchors[:, None], same & (numbers <= numbers[:, None])], 1)
    states = model.states(known, numbers.to(ids.device), positions.to(ids.device), mask.to(ids.device))
    sampled = model.sampled(states, trunk.embed_tokens(ids[:, positions]))
    right = own[:, positions]
    law = trunk.logits(right).float().softmax(-1)
    parts = [-(law * trunk.logits(h).float().log_softmax(-1)).sum(-1).mean() for h in (states, sampled)]
    return parts[1] + (0.5 * parts[0] + 0.1 * F.mse_loss(states, right) if model.training else 0)


def write(run, model, out: Path) -> None:
    modules = sorted(ADAPTED)
    write_json(
        out / "adapter_config.json",
        {"peft_type": "LORA", "r": model.rank, "lora_alpha": run["alpha"], "bias": "none", "target_modules": modules, "base_model_name_or_path": run["teacher"]},
    )
    weights = {"mask_embeddings.weight": model.embeddings.weight}
    for name in ("in", "out"):
        for kind, module in (("", getattr(model, f"sampler_{name}")), ("_norm", getattr(model, f"{name}_norm"))):
            weights |= {f"sampler.{name}{kind}.{part}": w for part, w in module.state_dict().items()}
    for i, added in enumerate(model.added):
        for name, pair in added.items():
            module = long_name(f"layers.{i}.{name}.weight").removesuffix(".weight")
            weights |= {f"base_model.model.model.{module}.{part}": w for part, w in pair.state_dict().items()}
    write_weights(out / "adapter_model.safetensors", weights)
