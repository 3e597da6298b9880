"""A run: what `runs/NAME.toml` says, with the nets that it starts from and learns from."""

import importlib
import os
import tomllib
from pathlib import Path

import torch

from story.folder import read_folder, write_folder
from story.model import Config, StoryModel

HERE = Path(__file__).resolve().parent.parent
MODELS = HERE.parent / "public" / "models"
KEPT = Path(os.environ.get("TRIPTYCH_TRAINING", Path.home() / ".cache" / "triptych-training"))


def known(name: str, checkpoints: Path) -> StoryModel:
    """A net of the family: as its own run left it, or as it stands in `public/models`."""
    trained = checkpoints / name / "checkpoint.pt"
    model = read_folder(MODELS / name) if (MODELS / name).exists() else StoryModel(Config())
    if trained.exists():
        model.load_state_dict(torch.load(trained, map_location="cpu", weights_only=True)["model"])
    return model


class Run:
    """Settings by name; `objective` is the module of `objectives` that says what is trained (`start`), by what (`loss`), and how it is written (`write`)."""

    def __init__(self, name: str, checkpoints: Path, device: str):
        path = HERE / "runs" / f"{name}.toml"
        if not path.exists():
            raise SystemExit(f"There is no run {name!r}. There are: {', '.join(sorted(one.stem for one in path.parent.glob('*.toml')))}.")
        self.name, self.checkpoints, self.device = name, checkpoints, device
        self.settings = tomllib.loads(path.read_text())
        self.objective = importlib.import_module(f"objectives.{self['objective']}")
        teacher = self.get("teacher", None)
        self.teacher = known(teacher, checkpoints).eval().requires_grad_(False).to(device) if teacher else None

    def __getitem__(self, key: str):
        return self.settings[key]

    def get(self, key: str, otherwise):
        return self.settings.get(key, otherwise)

    @property
    def checkpoint(self) -> Path:
        return self.checkpoints / self.name / "checkpoint.pt"

    def start(self) -> torch.nn.Module:
        """What is trained, before the first step."""
        torch.manual_seed(self.get("seed", 0))
        if hasattr(self.objective, "start"):
            return self.objective.start(self)
        return known(self["begin"], self.checkpoints) if "begin" in self.settings else StoryModel(Config(**self.get("net", {})))

    def loss(self, model, ids, random):
        return self.objective.loss(self, model, ids, random)

    def write(self, model, out: Path) -> None:
        """Writes what is trained as a folder that Triptych loads."""
        if hasattr(self.objective, "write"):
            return self.objective.write(self, model, out)
        write_folder(model, MODELS / self.get("like", self["begin"]), out, self.get("config", {}))

    def text(self, share: float) -> str:
        """The token file that is read at this share of the run."""
        texts = self.get("texts", [["train", 0.75], ["simple", 1.0]])
        return next((name for name, end in texts if share < end), texts[-1][0])

    def rate(self, share: float, step: int) -> float:
        """Factor of the learning rates: up over 50 steps, level, then down to 0 over the last `decay` of the run."""
        return min(1.0, (step + 1) / 50) * min(1.0, (1 - share) / self.get("decay", 0.4))
