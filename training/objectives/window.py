"""Masks read last (WeDLM, from its paper): standard causal attention in an order in which what is known comes first, masks last.

Rows [clean ; noisy] of 2T. Clean rows are causal. In each block of the noisy half the known tokens come first and masks last, both in the
order of their places, and each sees what comes before it there and all clean rows before the block. A mask says its own token. The loss is the
mean over masks.
"""

import torch
import torch.nn.functional as F

from objectives.blocks import masked
from story.folder import MASK, without_mask


def seen(hidden, block: int):
    """Who sees whom, [B, 1, 2T, 2T], where the places `hidden` [B, T] are masked."""
    rows, length = hidden.shape
    place = torch.arange(length, device=hidden.device)
    # Masks behind all that is known, both by their places.
    rank = place + length * hidden
    same = (place[:, None] // block == place // block).expand(rows, -1, -1)
    noisy = same & (rank[:, None, :] <= rank[:, :, None])
    clean = (place[:, None] >= place).expand(rows, -1, -1)
    before = (place[:, None] // block > place // block).expand(rows, -1, -1)
    top = torch.cat([clean, torch.zeros_like(same)], 2)
    return torch.cat([top, torch.cat([before, noisy], 2)], 1)[:, None]


def loss(run, model, ids, random):
    block = run.get("block", 32)
    ids = ids[:, : ids.shape[1] // block * block]
    length = ids.shape[1]
    hidden = masked(ids, block, random).to(ids.device)
    positions = torch.arange(length, device=ids.device).repeat(2)
    states = model.hidden(torch.cat([ids, torch.where(hidden, MASK, ids)], 1), positions, seen(hidden, block))
    logits = without_mask(model.logits(states[:, length:][hidden]))
    return F.cross_entropy(logits.float(), ids[hidden])
