"""Block diffusion (BD3-LM, arXiv 2503.09573 §3): rows [noisy ; clean] of 2T, each noisy block sees itself and the clean blocks before it.

The loss is the mean cross-entropy of masked places: less variance than the weights 1/t of the bound, and better samplers at this size.
With `complementary`, each row is read a second time with exactly the other places masked, so that every place is learned from in each step.
"""

from functools import cache

import torch
import torch.nn.functional as F

from story.folder import MASK, without_mask


@cache
def block_mask(length: int, block: int) -> torch.Tensor:
    """Who sees whom, [2T, 2T]: noisy rows see their block and clean blocks before it, clean rows clean blocks up to theirs."""
    own = torch.arange(length) // block
    same, before, upto = own[:, None] == own, own[:, None] > own, own[:, None] >= own
    return torch.cat([torch.cat([same, before], 1), torch.cat([torch.zeros_like(same), upto], 1)], 0)


def masked(ids, block: int, random, least: float = 0.02):
    """Which places of `ids` [B, T] are masked: each block by a level of its own, spread evenly over the batch's blocks."""
    rows, length = ids.shape
    num = rows * (length // block)
    levels = (random.random() + random.permutation(num) / num) % 1.0
    levels = torch.from_numpy(least + (1 - least) * levels).float().view(rows, -1).repeat_interleave(block, 1)
    return torch.from_numpy(random.random((rows, length))).float() < levels


def noisy_states(model, ids, hidden, block: int):
    """States [B, T, E] of the noisy half."""
    length = ids.shape[1]
    noisy = torch.where(hidden, MASK, ids)
    positions = torch.arange(length, device=ids.device).repeat(2)
    mask = block_mask(length, block).to(ids.device)
    return model.hidden(torch.cat([noisy, ids], 1), positions, mask)[:, :length]


def loss(run, model, ids, random):
    block = int(random.choice(run.get("blocks", [1, 4, 8, 16, 32])))
    ids = ids[:, : ids.shape[1] // 32 * 32]
    hidden = masked(ids, block, random).to(ids.device)
    if run.get("complementary", False) and model.training:
        ids, hidden = ids.repeat(2, 1), torch.cat([hidden, ~hidden])
    logits = model.logits(noisy_states(model, ids, hidden, block)[hidden])
    return F.cross_entropy(without_mask(logits).float(), ids[hidden])
