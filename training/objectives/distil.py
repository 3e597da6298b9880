"""Distillation of a draft (arXiv 2310.08461): cross-entropy to the teacher's law at each place of a text."""

import torch


def loss(run, model, ids, random):
    with torch.no_grad():
        law = run.teacher(ids[:, :-1], causal=True).float().softmax(-1)
    said = model(ids[:, :-1], causal=True).float().log_softmax(-1)
    return -(law * said).sum(-1).mean()
