"""Writes what a run has trained as a folder that Triptych loads, with its figures and a model card.

usage: python training/export.py NAME OUT [--checkpoints FOLDER]

OUT may be the folder in public/models that the run began from: its weights are replaced.
"""

import argparse
import json
import shutil
from pathlib import Path

import torch

from story.run import KEPT, Run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("out", type=Path)
    parser.add_argument("--checkpoints", type=Path, default=KEPT / "runs")
    asked = parser.parse_args()
    run = Run(asked.name, asked.checkpoints, "cpu")
    if not run.checkpoint.exists():
        raise SystemExit(f"There is no checkpoint of {run.name} in {asked.checkpoints}. Make one with: python training/train.py {run.name}")
    model = run.start()
    model.load_state_dict(torch.load(run.checkpoint, map_location="cpu", weights_only=True)["model"])
    run.write(model, asked.out)
    shutil.copy(run.checkpoint.with_name("figures.json"), asked.out / "training.json")
    figures = json.loads((asked.out / "training.json").read_text())
    print(f"{asked.out}: {figures['tokens']:,} tokens of {run.get('texts', 'train and simple')}, step {figures['steps']} of {figures['of']}")


if __name__ == "__main__":
    main()
