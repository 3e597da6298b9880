"""Trains the embedded 4x4 Sudoku pair on a CPU, in minutes: `sudoku-ar` and `sudoku-diffusion`.

Over 300 lines: the whole recipe, puzzles to files, so that one script makes the pair.

Architectures are Qwen3 (RMS norms, also on heads of q and k, RoPE, SwiGLU, tied head), small. The autoregressive model reads
`<s>` + 16 cells of the puzzle + `=` and writes the 16 cells of the solution; the diffusion model reads 16 cells as one block,
each a digit or the mask. Recipe: masked cross-entropy at a rate drawn from U(0, 1), unweighted; AdamW, cosine, clip at 1.

    pip install -r training/requirements.txt
    python training/sudoku.py --out public/models --fixture tests/fixtures/sudoku.json

The puzzles that are counted are held out: what the models saw is a function of the seeds, so it is drawn once more, and no board
of six clues that either model was shown is among them. Their solved grids did occur: there are only 288.
"""
import argparse
import itertools
import json
import math
import os
import time

import jax
import jax.numpy as jnp
import numpy as np
from safetensors.numpy import load_file, save_file

TOKENS = ["<s>", "<mask>", "1", "2", "3", "4", ".", "="]
BOS, MASK, ONE, BLANK, EQUALS = 0, 1, 2, 6, 7
CELLS = 16
NUM_CLUES = 6
# Of each model.
STEPS = 4000


def all_grids():
    """The 288 solved grids, as digits 0 to 3."""
    rows = list(itertools.permutations(range(4)))
    grids = []
    for grid in itertools.product(rows, repeat=4):
        columns_differ = all(len({row[c] for row in grid}) == 4 for c in range(4))
        boxes_differ = all(
            len({grid[r + i][c + j] for i in (0, 1) for j in (0, 1)}) == 4 for r in (0, 2) for c in (0, 2)
        )
        if columns_differ and boxes_differ:
            grids.append([digit for row in grid for digit in row])
    return np.array(grids)


def board(clues, solution):
    """A puzzle as a key: its solution, and where its clues are."""
    return (*solution.tolist(), *clues.tolist())


def puzzles(grids, seen, count, num_clues, seed):
    """Different puzzles with exactly one solution, none of them among `seen`: lists of (clue mask, solution)."""
    random = np.random.default_rng(seed)
    found = {}
    while len(found) < count:
        solution = grids[random.integers(len(grids))]
        clues = np.zeros(CELLS, bool)
        clues[random.choice(CELLS, num_clues, replace=False)] = True
        key = board(clues, solution)
        if key not in seen and ((grids == solution) | ~clues).all(1).sum() == 1:
            found[key] = (clues, solution)
    return list(found.values())


def seen_boards(sample, steps, seed, num_clues):
    """The boards of so many clues that a model was shown in training: its batches, drawn once more from its seed."""
    random = np.random.default_rng(seed)
    found = set()
    for _ in range(steps):
        solutions, hidden = sample(random)
        for row in np.flatnonzero((~hidden).sum(1) == num_clues):
            found.add(board(~hidden[row], solutions[row]))
    return found


class Shape:
    def __init__(self, hidden, layers, heads, intermediate, length, causal):
        self.hidden, self.layers, self.heads, self.intermediate = hidden, layers, heads, intermediate
        self.length, self.causal, self.head_dim = length, causal, hidden // heads


def init(shape, key):
    """Weights by their Hugging Face names; matrices are [out, in]."""
    weights = {}
    keys = iter(jax.random.split(key, 8 * shape.layers + 1))

    def matrix(out, width):
        return jax.random.normal(next(keys), (out, width)) / math.sqrt(width)

    weights["model.embed_tokens.weight"] = 0.3 * jax.random.normal(next(keys), (len(TOKENS), shape.hidden))
    for layer in range(shape.layers):
        prefix = f"model.layers.{layer}."
        weights[prefix + "input_layernorm.weight"] = jnp.ones(shape.hidden)
        for name in "qkv":
            weights[prefix + f"self_attn.{name}_proj.weight"] = matrix(shape.hidden, shape.hidden)
        weights[prefix + "self_attn.q_norm.weight"] = jnp.ones(shape.head_dim)
        weights[prefix + "self_attn.k_norm.weight"] = jnp.ones(shape.head_dim)
        weights[prefix + "self_attn.o_proj.weight"] = 0.3 * matrix(shape.hidden, shape.hidden)
        weights[prefix + "post_attention_layernorm.weight"] = jnp.ones(shape.hidden)
        weights[prefix + "mlp.gate_proj.weight"] = matrix(shape.intermediate, shape.hidden)
        weights[prefix + "mlp.up_proj.weight"] = matrix(shape.intermediate, shape.hidden)
        weights[prefix + "mlp.down_proj.weight"] = 0.3 * matrix(shape.hidden, shape.intermediate)
    weights["model.norm.weight"] = jnp.ones(shape.hidden)
    return weights


def rms(x, gain):
    return x * jax.lax.rsqrt(jnp.mean(x * x, -1, keepdims=True) + 1e-6) * gain


def rotate(x, cos, sin):
    half = x.shape[-1] // 2
    return x * cos + jnp.concatenate([-x[..., half:], x[..., :half]], -1) * sin


def forward(shape, weights, ids):
    """Logits [batch, length, V] of ids [batch, length]."""
    length = ids.shape[1]
    x = weights["model.embed_tokens.weight"][ids]
    frequencies = 10000.0 ** (-jnp.arange(0, shape.head_dim, 2) / shape.head_dim)
    angles = jnp.arange(length)[:, None] * jnp.concatenate([frequencies, frequencies])
    cos, sin = jnp.cos(angles), jnp.sin(angles)
    seen = jnp.tril(jnp.ones((length, length), bool)) if shape.causal else jnp.ones((length, length), bool)
    for layer in range(shape.layers):
        w = {name: weights[f"model.layers.{layer}.{name}.weight"] for name in LAYER}
        h = rms(x, w["input_layernorm"])
        q, k, v = (
            (h @ w[f"self_attn.{name}_proj"].T).reshape(*h.shape[:2], shape.heads, -1).swapaxes(1, 2) for name in "qkv"
        )
        q = rotate(rms(q, w["self_attn.q_norm"]), cos, sin)
        k = rotate(rms(k, w["self_attn.k_norm"]), cos, sin)
        scores = jnp.where(seen, q @ k.swapaxes(2, 3) / math.sqrt(shape.head_dim), -1e30)
        mixed = (jax.nn.softmax(scores, -1) @ v).swapaxes(1, 2).reshape(h.shape)
        x = x + mixed @ w["self_attn.o_proj"].T
        h = rms(x, w["post_attention_layernorm"])
        x = x + (jax.nn.silu(h @ w["mlp.gate_proj"].T) * (h @ w["mlp.up_proj"].T)) @ w["mlp.down_proj"].T
    return rms(x, weights["model.norm.weight"]) @ weights["model.embed_tokens.weight"].T


LAYER = [
    "input_layernorm",
    *(f"self_attn.{name}" for name in ("q_proj", "k_proj", "v_proj", "q_norm", "k_norm", "o_proj")),
    "post_attention_layernorm",
    *(f"mlp.{name}" for name in ("gate_proj", "up_proj", "down_proj")),
]


def loss(shape, weights, ids, targets, counts):
    """Mean cross-entropy of `targets` where `counts` is 1."""
    logprobs = jax.nn.log_softmax(forward(shape, weights, ids), -1)
    picked = jnp.take_along_axis(logprobs, targets[..., None], -1)[..., 0]
    return -(picked * counts).sum() / jnp.maximum(counts.sum(), 1)


def train(shape, sample, batch, steps, rate, seed, log):
    weights = init(shape, jax.random.PRNGKey(seed))
    moments = jax.tree.map(jnp.zeros_like, (weights, weights))

    @jax.jit
    def update(weights, moments, step, batch):
        value, gradient = jax.value_and_grad(lambda w: loss(shape, w, *batch))(weights)
        norm = jnp.sqrt(sum((g * g).sum() for g in jax.tree.leaves(gradient)))
        gradient = jax.tree.map(lambda g: g * jnp.minimum(1, 1 / norm), gradient)
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, moments[0], gradient)
        second = jax.tree.map(lambda m, g: 0.99 * m + 0.01 * g * g, moments[1], gradient)
        warm = jnp.minimum(1, (step + 1) / 100)
        now = rate * warm * (0.1 + 0.45 * (1 + jnp.cos(math.pi * step / steps)))
        a, b = 1 - 0.9 ** (step + 1), 1 - 0.99 ** (step + 1)
        weights = jax.tree.map(
            lambda w, m, v: w * (1 - now * 0.01 * (w.ndim > 1)) - now * (m / a) / (jnp.sqrt(v / b) + 1e-8),
            weights,
            first,
            second,
        )
        return weights, (first, second), value

    random = np.random.default_rng(seed)
    begun = time.time()
    for step in range(steps):
        weights, moments, value = update(weights, moments, step, batch(*sample(random)))
        if step % 200 == 199:
            log(f"step {step + 1}: loss {float(value):.4f}, {time.time() - begun:.0f} s")
    return weights


def boards(grids, size):
    """Solved grids, and which of their cells are hidden, at a rate of each grid's own."""

    def sample(random):
        solution = grids[random.integers(len(grids), size=size)]
        # Stratified: the rates of a batch are spread evenly.
        rates = (np.arange(size) / size + random.random()) % 1
        return solution, random.random(solution.shape) < rates[:, None]

    return sample


def masked_batch(solution, hidden):
    """Diffusion: solutions, with masks for what is hidden."""
    return jnp.array(np.where(hidden, MASK, ONE + solution)), jnp.array(ONE + solution), jnp.array(hidden, jnp.float32)


def written_batch(solution, hidden):
    """Autoregressive: a puzzle, then its solution, which alone counts."""
    size = len(solution)
    puzzle = np.where(hidden, BLANK, ONE + solution)
    row = np.concatenate([np.full((size, 1), BOS), puzzle, np.full((size, 1), EQUALS), ONE + solution], axis=1)
    counts = np.zeros((size, row.shape[1] - 1), np.float32)
    counts[:, CELLS + 1 :] = 1
    return jnp.array(row[:, :-1]), jnp.array(row[:, 1:]), jnp.array(counts)


def solve_written(shape, weights, tests):
    """Greedy from left to right; shares of right grids."""
    run = jax.jit(lambda ids: forward(shape, weights, ids))
    clues = np.array([c for c, _ in tests])
    solutions = ONE + np.array([s for _, s in tests])
    ids = np.concatenate(
        [np.full((len(tests), 1), BOS), np.where(clues, solutions, BLANK), np.full((len(tests), 1), EQUALS)], axis=1
    )
    length = ids.shape[1]
    ids = np.concatenate([ids, np.zeros((len(tests), CELLS), int)], axis=1)
    for cell in range(CELLS):
        logits = np.array(run(jnp.array(ids)))[:, length + cell - 1]
        ids[:, length + cell] = logits.argmax(-1)
    return (ids[:, length:] == solutions).all(1)


def solve_masked(shape, weights, tests, order, seed=0):
    """One cell a step by `order`, or all above .9 a step; whether each grid is right, and forwards of each."""
    run = jax.jit(lambda ids: jax.nn.softmax(forward(shape, weights, ids)[..., ONE : ONE + 4], -1))
    random = np.random.default_rng(seed)
    clues = np.array([c for c, _ in tests])
    solutions = ONE + np.array([s for _, s in tests])
    ids = np.where(clues, solutions, MASK)
    forwards = np.zeros(len(tests), int)
    while (ids == MASK).any():
        p = np.array(run(jnp.array(ids)))
        top, digits = p.max(-1), ONE + p.argmax(-1)
        open_ = ids == MASK
        forwards += open_.any(1)
        keys = {
            "confidence": top,
            "threshold": top,
            "random": random.random(top.shape),
            "left to right": -np.arange(CELLS)[None] + 0 * top,
        }[order]
        first = np.where(open_, keys, -np.inf).argmax(1)
        chosen = np.zeros_like(open_)
        chosen[np.arange(len(tests)), first] = True
        if order == "threshold":
            chosen |= top >= 0.9
        ids = np.where(open_ & chosen, digits, ids)
    return (ids == solutions).all(1), forwards


def config(shape, model_type, more):
    return {
        "architectures": ["A2DQwen3LMHeadModel" if model_type == "a2d-qwen3" else "Qwen3ForCausalLM"],
        "model_type": model_type,
        "vocab_size": len(TOKENS),
        "hidden_size": shape.hidden,
        "intermediate_size": shape.intermediate,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.heads,
        "head_dim": shape.head_dim,
        "hidden_act": "silu",
        "max_position_embeddings": shape.length,
        "rope_theta": 10000.0,
        "rms_norm_eps": 1e-06,
        "attention_bias": False,
        "tie_word_embeddings": True,
        "torch_dtype": "float16",
        **more,
    }


def tokenizer():
    special = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": BOS, "content": "<s>", **special}, {"id": MASK, "content": "<mask>", **special}],
        "normalizer": None,
        "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "."}, "behavior": "Isolated", "invert": False},
        "post_processor": None,
        "decoder": {"type": "Fuse"},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {token: id for id, token in enumerate(TOKENS)},
            "merges": [],
        },
    }


def write(folder, shape, weights, model_type, more):
    os.makedirs(folder, exist_ok=True)

    def put(name, value):
        with open(os.path.join(folder, name), "w") as file:
            json.dump(value, file, indent=1)
            file.write("\n")

    save_file({n: np.array(w, np.float16) for n, w in weights.items()}, os.path.join(folder, "model.safetensors"))
    put("config.json", config(shape, model_type, more))
    put("tokenizer.json", tokenizer())
    bos = "<s>" if "bos_token_id" in more else None
    put("tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": bos, **({"add_bos_token": True} if bos else {}), "mask_token": "<mask>"})


def fixture(puzzle_path, golden_path, tests, shapes):
    """The puzzles, for tests and demo, and logits of both models for the first."""

    def text(digits, clues=None):
        return "".join(str(d + 1) if clues is None or c else "." for d, c in zip(digits, clues if clues is not None else digits))

    clues, solution = tests[0]
    written = [BOS, *np.where(clues, ONE + solution, BLANK).tolist(), EQUALS]
    ids = {"sudoku-diffusion": np.where(clues, ONE + solution, MASK).tolist(), "sudoku-ar": written}
    goldens = {
        name: {"ids": ids[name], "logits": np.array(forward(shape, weights, jnp.array([ids[name]])))[0].tolist()}
        for name, (shape, weights) in shapes.items()
    }
    with open(puzzle_path, "w") as file:
        lines = ",\n".join("  " + json.dumps([text(s, c), text(s)]) for c, s in tests)
        file.write(f"[\n{lines}\n]\n")
    with open(golden_path, "w") as file:
        json.dump({"goldens": goldens}, file)
        file.write("\n")


def read(folder):
    """Weights as they were written."""
    return {name: jnp.array(w, jnp.float32) for name, w in load_file(os.path.join(folder, "model.safetensors")).items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    parser.add_argument("--fixture", required=True, help="file for the tests: logits of both models for the first puzzle")
    parser.add_argument("--keep", action="store_true", help="take the weights that are there")
    flags = parser.parse_args()
    grids = all_grids()
    assert len(grids) == 288
    sample = boards(grids, 128)
    seeds = {"sudoku-diffusion": 1, "sudoku-ar": 2}
    seen = set.union(*(seen_boards(sample, STEPS, seed, NUM_CLUES) for seed in seeds.values()))
    tests = puzzles(grids, seen, 200, NUM_CLUES, seed=20_26)
    assert not seen & {board(clues, solution) for clues, solution in tests}

    size = dict(hidden=64, layers=4, heads=4, intermediate=192)
    masked, written = Shape(**size, length=CELLS, causal=False), Shape(**size, length=64, causal=True)
    folders = {name: os.path.join(flags.out, name) for name in ("sudoku-diffusion", "sudoku-ar")}
    if not flags.keep:
        more = {"mask_token_id": MASK, "block_size": CELLS, "block_sizes": [CELLS], "logit_shift": False}
        weights = train(masked, sample, masked_batch, STEPS, 2e-3, seeds["sudoku-diffusion"], print)
        write(folders["sudoku-diffusion"], masked, weights, "a2d-qwen3", more)
        weights = train(written, sample, written_batch, STEPS, 2e-3, seeds["sudoku-ar"], print)
        write(folders["sudoku-ar"], written, weights, "qwen3", {"bos_token_id": BOS})
    weights = read(folders["sudoku-diffusion"])
    results = {}
    for order in ("confidence", "threshold", "left to right", "random"):
        right, forwards = solve_masked(masked, weights, tests, order)
        results[order] = {"solved": int(right.sum()), "most_forwards": int(forwards.max())}
    shapes = {"sudoku-diffusion": (masked, weights), "sudoku-ar": (written, read(folders["sudoku-ar"]))}
    results["autoregressive"] = {"solved": int(solve_written(*shapes["sudoku-ar"], tests).sum())}
    fixture(os.path.join(folders["sudoku-diffusion"], "puzzles.json"), flags.fixture, tests, shapes)
    print(json.dumps({"puzzles": len(tests), "clues": NUM_CLUES, "boards seen": len(seen), **results}, indent=1))


if __name__ == "__main__":
    main()
