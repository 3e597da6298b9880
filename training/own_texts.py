"""Has a net of the family write a token file: what drafts and heads are trained on beside the corpus, since they are asked about its texts.

usage: python training/own_texts.py NAME [--tokens 1e6] [--block 8] [--data FOLDER] [--checkpoints FOLDER]     writes own-NAME.bin

Each row begins with 4 to 24 tokens of the corpus. Half of the rows are drawn at temperature 1, a quarter at .7, a quarter is the likeliest text.
With --block the net writes by block diffusion, one token a forward.
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np
import torch

from story.rows import Rows
from story.run import KEPT, known
from story.sampling import continued, unmasked

ROWS, LENGTH = 96, 256
TEMPERATURES = (1.0, 0.7, 1.0, 0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("--tokens", type=float, default=1e6)
    parser.add_argument("--block", type=int)
    parser.add_argument("--data", type=Path, default=KEPT / "data")
    parser.add_argument("--checkpoints", type=Path, default=KEPT / "runs")
    asked = parser.parse_args()
    os.nice(19)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model, rows = known(asked.name, asked.checkpoints).eval().to(device), Rows(asked.data, 7)
    num_batches, began, parts = max(1, round(asked.tokens / (ROWS * LENGTH))), time.monotonic(), []
    for batch in range(num_batches):
        random = rows.at(batch)
        prompt = rows.draw("simple", ROWS, int(random.integers(4, 25)), random)
        prompt[:, 0] = 0
        generator = torch.Generator().manual_seed(batch)
        prompt, temperature = prompt.to(device), TEMPERATURES[batch % 4]
        if asked.block:
            parts.append(unmasked(model, prompt, LENGTH, asked.block, generator, temperature).cpu())
        else:
            parts.append(continued(model, prompt, LENGTH, generator, temperature).cpu())
        each = (time.monotonic() - began) / (batch + 1)
        print(f"{batch + 1}/{num_batches}: {ROWS * LENGTH / each:.0f} tokens/s, {each * (num_batches - batch - 1) / 60:.0f} min left", flush=True)
    torch.cat(parts).numpy().astype(np.uint16).tofile(asked.data / f"own-{asked.name}.bin")


if __name__ == "__main__":
    main()
