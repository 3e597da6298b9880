"""A joint sampler (ADJUST, arXiv 2509.22738): one layer that takes the place of a masked-diffusion net's next forward.

h' = h + RMSNorm(layer(W [RMSNorm(embedding); RMSNorm(h)])), read again with each token that is filled. It learns what the net would say
on the text after each token: the net fills the place of least entropy, with a token drawn from its law, and is asked again.
"""

import json
from pathlib import Path

import torch
import torch.nn as nn

from story.folder import MASK, long_name, without_mask, write_json, write_weights
from story.model import Config, Layer, RMSNorm
from story.run import MODELS
from objectives.blocks import masked


class JointSampler(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.down_project = nn.Linear(2 * c.hidden_size, c.hidden_size, bias=False)
        nn.init.normal_(self.down_project.weight, std=0.02)
        self.norm_embed, self.norm_hidden, self.norm_postattn = (RMSNorm(c.hidden_size, c.rms_norm_eps) for _ in range(3))
        self.layer = Layer(c)
        # It begins as the state that it reads.
        nn.init.zeros_(self.norm_postattn.weight)

    def forward(self, tokens, states):
        x = self.down_project(torch.cat([self.norm_embed(tokens), self.norm_hidden(states)], -1))
        positions = torch.arange(tokens.shape[1], device=tokens.device)
        return states + self.norm_postattn(self.layer(x, positions, None, False))


def start(run) -> JointSampler:
    return JointSampler(run.teacher.c)


def loss(run, sampler, ids, random):
    trunk, depth = run.teacher, run.get("depth", 3)
    length = int(random.choice(run.get("canvases", [64, 128])))
    ids = ids[:, : ids.shape[1] // length * length].reshape(-1, length)
    now = torch.where(masked(ids, length, random, least=0.1).to(ids.device), MASK, ids)
    generator = torch.Generator().manual_seed(int(random.integers(2**31)))
    rows = torch.arange(len(now), device=ids.device)
    with torch.no_grad():
        states = trunk.hidden(now)
        logits = without_mask(trunk.logits(states)).float()
    total = weights = 0.0
    for step in range(depth):
        law = logits.detach().softmax(-1)
        entropy = (-law * law.clamp_min(1e-9).log()).sum(-1).masked_fill(now != MASK, float("inf"))
        place = entropy.argmin(-1)
        token = torch.multinomial(law[rows, place].cpu(), 1, generator=generator)[:, 0].to(ids.device)
        now = now.clone()
        now[rows, place] = torch.where(now[rows, place] == MASK, token, now[rows, place])
        states = sampler(trunk.embed_tokens(now), states)
        logits = without_mask(trunk.logits(states)).float()
        open_ = now == MASK
        with torch.no_grad():
            right = without_mask(trunk(now)[open_]).float().log_softmax(-1)
        away = (right.exp() * (right - logits[open_].log_softmax(-1))).sum(-1).mean()
        total, weights = total + 0.5**step * away, weights + 0.5**step
    return total / weights


def write(run, sampler, out: Path) -> None:
    config = json.loads((MODELS / run.get("like", run["teacher"]) / "config.json").read_text())
    write_json(out / "config.json", config | {"num_hidden_layers": 1})
    names = ("down_project", "norm_embed", "norm_hidden", "norm_postattn")
    weights = {f"{name}.0.weight": getattr(sampler, name).weight for name in names}
    weights |= {long_name(f"layers.0.0.{name}"): weight for name, weight in sampler.layer.state_dict().items()}
    write_weights(out / "model.safetensors", weights)
