"""Masked diffusion over a whole canvas (MDLM, arXiv 2406.07524): every place sees every place. The mean over masked places, as in `blocks`."""

import torch
import torch.nn.functional as F

from objectives.blocks import masked
from story.folder import MASK, without_mask


def loss(run, model, ids, random):
    # A canvas may be shorter than a row: it is as long as a run was asked for.
    length = int(random.choice(run.get("canvases", [64, 128, 256])))
    ids = ids[:, : ids.shape[1] // length * length].reshape(-1, length)
    hidden = masked(ids, length, random).to(ids.device)
    # What a prompt gives is never masked.
    hidden[:, : int(random.integers(1, length // 4))] = False
    logits = without_mask(model.logits(model.hidden(torch.where(hidden, MASK, ids))[hidden]))
    return F.cross_entropy(logits.float(), ids[hidden])
