"""Muon (Jordan et al., 2024): momentum whose updates of matrices are orthogonalised by a quintic Newton-Schulz iteration."""

import torch

A, B, C = 3.4445, -4.7750, 2.0315


def orthogonalise(gradient, steps: int = 5):
    x = gradient.bfloat16() if gradient.is_cuda else gradient
    is_tall = x.shape[0] > x.shape[1]
    if is_tall:
        x = x.T
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        s = x @ x.T
        x = A * x + (B * s + C * (s @ s)) @ x
    return (x.T if is_tall else x).to(gradient.dtype)


class Muon(torch.optim.Optimizer):
    def __init__(self, params, lr: float, momentum: float = 0.95):
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(weight.grad)
                moving = state["momentum"].mul_(group["momentum"]).add_(weight.grad)
                update = orthogonalise(weight.grad.add(moving, alpha=group["momentum"]))
                weight.add_(update, alpha=-group["lr"] * max(1, weight.shape[0] / weight.shape[1]) ** 0.5)
