"""Rows of token files, drawn by the step's own generator: a run that goes on after a stop reads what it would have read."""

from pathlib import Path

import numpy as np
import torch


class Rows:
    def __init__(self, folder: Path, seed: int):
        self.folder, self.seed, self.files = folder, seed, {}

    def file(self, name: str) -> np.memmap:
        if name not in self.files:
            path = self.folder / f"{name}.bin"
            if not path.exists():
                raise SystemExit(f"{path} is missing. Make it with: python training/corpus.py ARCHIVE {self.folder}")
            self.files[name] = np.memmap(path, dtype=np.uint16, mode="r")
        return self.files[name]

    def at(self, step: int) -> np.random.Generator:
        """What this step draws from; steps below 0 are those of an evaluation."""
        return np.random.default_rng([self.seed, step % 2**32])

    def draw(self, name: str, count: int, length: int, random: np.random.Generator) -> torch.Tensor:
        """Ids [count, length]."""
        ids = self.file(name)
        starts = random.integers(0, len(ids) - length, count)
        return torch.from_numpy(np.stack([ids[start : start + length] for start in starts]).astype(np.int64))
