"""Hugging Face folders of the family: read into a net, and written from one."""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from story.model import Config, StoryModel

BEGIN, MASK = 0, 1


def short_name(name: str) -> str:
    return name.removeprefix("model.").replace("self_attn.", "").replace("mlp.", "")


def long_name(name: str) -> str:
    for part in ("q_proj", "k_proj", "v_proj", "o_proj", "q_norm", "k_norm"):
        name = name.replace(f".{part}", f".self_attn.{part}")
    for part in ("gate_proj", "up_proj", "down_proj"):
        name = name.replace(f".{part}", f".mlp.{part}")
    return name


def read_folder(folder: Path) -> StoryModel:
    known = json.loads((folder / "config.json").read_text())
    model = StoryModel(Config(**{key: known[key] for key in Config.__dataclass_fields__ if key in known}))
    weights = load_file(folder / "model.safetensors")
    model.load_state_dict({short_name(name): weight.float() for name, weight in weights.items()})
    return model


def write_weights(path: Path, weights: dict[str, torch.Tensor]) -> None:
    """Writes f16 safetensors."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: weight.detach().cpu().half().contiguous() for name, weight in weights.items()}, path, {"format": "pt"})


def write_json(path: Path, value: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")


def write_folder(model: StoryModel, like: Path, out: Path, changes: dict) -> None:
    """Writes f16 weights beside the configuration and tokenizer of the folder `like`; `changes` go over its configuration."""
    config = json.loads((like / "config.json").read_text()) | changes
    write_json(out / "config.json", config)
    for name in ("tokenizer.json", "tokenizer_config.json", "generation_config.json"):
        if like.resolve() != out.resolve():
            shutil.copy(like / name, out / name)
    write_weights(out / "model.safetensors", {long_name(f"model.{name}"): w for name, w in model.state_dict().items()})


def without_mask(logits: torch.Tensor) -> torch.Tensor:
    """The mask is never a prediction."""
    banned = torch.zeros(logits.shape[-1], device=logits.device)
    banned[MASK] = -1e9
    return logits + banned
