"""Trains one member of the story family, from where it was left.

usage: python training/train.py NAME [--data FOLDER] [--checkpoints FOLDER] [--minutes M] [--threads N] [--device cpu|cuda]

NAME is a file of training/runs. The run goes on from its checkpoint, to the step; Ctrl-C, SIGTERM or --minutes end it with a checkpoint.
Figures stand in figures.json beside the checkpoint. `export.py` makes a folder for Triptych of it.
"""

import argparse
import json
import os
import signal
import time
from pathlib import Path

import torch

from story.muon import Muon
from story.rows import Rows
from story.run import KEPT, Run


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("--data", type=Path, default=KEPT / "data", help="token files that corpus.py wrote")
    parser.add_argument("--checkpoints", type=Path, default=KEPT / "runs")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after this long, with a checkpoint")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--nice", type=int, default=19, help="0: as any other program")
    return parser.parse_args()


def has_fast_bf16(device: str) -> bool:
    """On a CPU without the instructions bf16 is twenty times slower than f32."""
    return device == "cuda" or torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


def optimizers_of(run: Run, model):
    matrices = [w for name, w in model.named_parameters() if w.requires_grad and w.ndim == 2 and "embed" not in name]
    others = [w for name, w in model.named_parameters() if w.requires_grad and (w.ndim != 2 or "embed" in name)]
    adam = torch.optim.AdamW(others, run.get("adam_rate", 1e-3), betas=(0.9, 0.95), weight_decay=0.0)
    return [Muon(matrices, run.get("muon_rate", 0.01)), adam]


def evaluate(run: Run, model, rows: Rows) -> float:
    """The objective's loss on held-out text, always the same rows."""
    model.eval()
    with torch.no_grad():
        losses = []
        for batch in range(run.get("eval_batches", 8)):
            random = rows.at(-1 - batch)
            ids = rows.draw("valid", 16, run.get("length", 256) + 1, random).to(run.device)
            losses.append(run.loss(model, ids, random).item())
    model.train()
    return sum(losses) / len(losses)


def keep(path: Path, state: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, path.with_suffix(".tmp"))
    os.replace(path.with_suffix(".tmp"), path)


def time_left(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds > 5400 else f"{seconds / 60:.0f} min"


def main() -> None:
    asked = arguments()
    os.nice(asked.nice)
    torch.set_num_threads(asked.threads)
    run = Run(asked.name, asked.checkpoints, asked.device)
    rows, path = Rows(asked.data, run.get("seed", 0)), run.checkpoint
    model = run.start().to(asked.device)
    optimizers = optimizers_of(run, model)
    base, step, curve = [one.param_groups[0]["lr"] for one in optimizers], 0, []
    if path.exists():
        kept = torch.load(path, map_location=asked.device, weights_only=True)
        model.load_state_dict(kept["model"])
        for optimizer, state in zip(optimizers, kept["optimizers"]):
            optimizer.load_state_dict(state)
        step, curve = kept["step"], kept["curve"]
    batch, length = run.get("batch", 32), run.get("length", 256)
    num_steps = int(run["tokens"] // (batch * length))
    is_bf16 = has_fast_bf16(asked.device)
    print(f"{run.name}: {sum(w.numel() for w in model.parameters()):,} parameters, step {step} of {num_steps}, {'bf16' if is_bf16 else 'f32'} on {asked.device}", flush=True)

    ended = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.append(True))
    began, first, kept_at, losses = time.monotonic(), step, time.monotonic(), []

    def save() -> None:
        states = [one.state_dict() for one in optimizers]
        keep(path, {"model": model.state_dict(), "optimizers": states, "step": step, "curve": curve})
        figures = {"run": run.name, "tokens": step * batch * length, "steps": step, "of": num_steps, "valid": curve}
        path.with_name("figures.json").write_text(json.dumps(figures, indent=1) + "\n")

    while step < num_steps and not ended and time.monotonic() - began < asked.minutes * 60:
        share = step / num_steps
        for optimizer, rate in zip(optimizers, base):
            optimizer.param_groups[0]["lr"] = rate * run.rate(share, step)
        random = rows.at(step)
        torch.manual_seed(step)
        ids = rows.draw(run.text(share), batch, length + 1, random).to(asked.device)
        with torch.autocast(asked.device, dtype=torch.bfloat16, enabled=is_bf16):
            loss = run.loss(model, ids, random)
        loss.backward()
        # Of Muon's matrices only the direction counts.
        torch.nn.utils.clip_grad_norm_(optimizers[1].param_groups[0]["params"], 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        step += 1
        losses.append(loss.item())
        if step % 20 == 0:
            each = (time.monotonic() - began) / (step - first)
            print(f"step {step}/{num_steps}: loss {sum(losses) / len(losses):.3f}, {batch * length / each:.0f} tokens/s, {time_left(each * (num_steps - step))} left", flush=True)
            losses.clear()
        if step % run.get("eval_every", 200) == 0 or step == num_steps:
            curve.append([step * batch * length, round(evaluate(run, model, rows), 4)])
            print(f"    held out: {curve[-1][1]}", flush=True)
        if time.monotonic() - kept_at > 300:
            save()
            kept_at = time.monotonic()
    save()


if __name__ == "__main__":
    main()
