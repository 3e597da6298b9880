"""Next-token prediction under a causal mask."""

import torch.nn.functional as F


def loss(run, model, ids, random):
    logits = model(ids[:, :-1], causal=True).float()
    return F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
