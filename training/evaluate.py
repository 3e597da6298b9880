"""Figures of the story family on held-out text that Triptych must reproduce: the files evaluation.json and valid-sample.txt of tests/fixtures.

usage: python training/evaluate.py [OUT] [--models FOLDER] [--sample]     reads story-ar, story-draft and story-diffusion; --sample draws the text anew
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from objectives.blocks import block_mask
from story.folder import MASK, read_folder, without_mask
from story.run import HERE, KEPT, MODELS

FIXTURES = HERE.parent / "tests" / "fixtures"
BLOCKS, NUM_DRAWS, LONGEST, SHORTEST = (4, 8, 16, 32), 6, 256, 64


def sample(tokenizer: Tokenizer) -> list[str]:
    """The first 24 held-out documents of 300 to 3,000 characters."""
    ids = np.fromfile(KEPT / "data" / "valid.bin", dtype=np.uint16)
    texts = [tokenizer.decode(row[1:].tolist()).strip() for row in np.split(ids, np.flatnonzero(ids == 0))[1:]]
    return [text for text in texts if 300 < len(text) < 3000][:24]


@torch.no_grad()
def laws(target, draft, rows) -> dict:
    """NLL of target and draft, what rejection would accept at temperature 1, and how often both like the same token best."""
    totals = np.zeros(4)
    for row in rows:
        x = torch.tensor([row])
        p, q = (model(x, causal=True)[0, :-1].log_softmax(-1) for model in (target, draft))
        own = x[0, 1:, None]
        accepted = torch.minimum(p.exp(), q.exp()).sum()
        same = (p.argmax(-1) == q.argmax(-1)).sum()
        totals += [-p.gather(1, own).sum(), -q.gather(1, own).sum(), accepted, same]
    names = ("story_ar_nll_per_token", "story_draft_nll_per_token", "draft_acceptance_by_rejection", "draft_greedy_agreement")
    return dict(zip(names, totals / sum(len(row) - 1 for row in rows)))


@torch.no_grad()
def bound(model, rows, block: int, random: np.random.Generator) -> float:
    """NELBO per token: a mask level for each block, spread evenly over a row's blocks, with weight 1/level."""
    total = count = 0
    for row in rows:
        length = len(row) // 32 * 32
        x, num = torch.tensor([row[:length]]), length // block
        levels = torch.tensor((random.random() + random.permutation(num) / num) % 1.0).clamp(1e-3, 1).float()
        levels = levels.repeat_interleave(block)[None]
        hidden = torch.from_numpy(random.random((1, length))) < levels
        hidden[:, 0] = False  # The row's first id is given.
        noisy = torch.where(hidden, MASK, x)
        states = model.hidden(torch.cat([noisy, x], 1), torch.arange(length).repeat(2), block_mask(length, block))
        loss = -without_mask(model.logits(states[:, :length])).log_softmax(-1).gather(-1, x[..., None])[..., 0]
        total += (loss * hidden / levels).sum().item()
        count += length - 1
    return total / count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, nargs="?", default=FIXTURES)
    parser.add_argument("--models", type=Path, default=MODELS)
    parser.add_argument("--sample", action="store_true")
    asked = parser.parse_args()
    tokenizer = Tokenizer.from_file(str(asked.models / "story-ar" / "tokenizer.json"))
    between = "\n<|endoftext|>\n"
    if asked.sample:
        (asked.out / "valid-sample.txt").write_text(between.join(sample(tokenizer)) + "\n")
    texts = (FIXTURES if not asked.sample else asked.out).joinpath("valid-sample.txt").read_text().strip().split(between)
    rows = [[0, *tokenizer.encode(text).ids][:LONGEST] for text in texts]
    rows = [row for row in rows if len(row) >= SHORTEST]
    target, draft, diffusion = (read_folder(asked.models / name).eval() for name in ("story-ar", "story-draft", "story-diffusion"))
    figures: dict = {
        "text": "valid-sample.txt",
        "documents": len(rows),
        "tokens": sum(len(row) - 1 for row in rows),
        "row": f"[0] + encode(document), cut at {LONGEST} ids; documents shorter than {SHORTEST} ids are left out",
        **laws(target, draft, rows),
        "nelbo": "positions 1..T-1, T = length cut to a multiple of 32; a mask level per block, antithetic over a row's blocks; weight 1/level",
        "story_diffusion_nelbo_per_token": {},
    }
    for block in BLOCKS:
        random = np.random.default_rng(block)
        draws = [bound(diffusion, rows, block, random) for _ in range(NUM_DRAWS)]
        error = float(np.std(draws) / np.sqrt(NUM_DRAWS - 1))
        figures["story_diffusion_nelbo_per_token"][str(block)] = {"mean": float(np.mean(draws)), "standard_error": error}
        print(f"block {block}: {np.mean(draws):.3f} ± {error:.3f}", flush=True)
    (asked.out / "evaluation.json").write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
