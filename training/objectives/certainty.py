"""Certainty forcing (dParallel, arXiv 2509.26488): a block-diffusion net learns to be sure of many masks at once, on texts of its own.

A block's masks are all open or some of them, as they are on its way. Beside the cross-entropy to the text that it wrote one token a forward, the
entropy of the places that it already says right is made small, so that a threshold lets them through together.
"""

import torch
import torch.nn.functional as F

from objectives.blocks import masked, noisy_states
from story.folder import without_mask


def loss(run, model, ids, random):
    block = int(random.choice(run.get("blocks", [4, 8, 16])))
    ids = ids[:, : ids.shape[1] // 32 * 32]
    # At least half of a block is open: what comes together is decided early.
    hidden = masked(ids, block, random, least=run.get("least", 0.5)).to(ids.device)
    logits = without_mask(model.logits(noisy_states(model, ids, hidden, block)[hidden])).float()
    right = ids[hidden]
    cross_entropy = F.cross_entropy(logits, right)
    if not model.training:
        return cross_entropy
    said = (logits / run.get("temperature", 0.5)).log_softmax(-1)
    entropy = -(said.exp() * said).sum(-1)[logits.argmax(-1) == right]
    return cross_entropy + run.get("certainty", 1.0) * entropy.mean() if len(entropy) else cross_entropy
