"""Writes what the peers load: export.py MODEL_FOLDER WORKLOAD.json OUT_FOLDER

OUT/source   the checkpoint with float32 weights, as Triptych can load it too
OUT/gqa      the graph of ONNX Runtime's own model builder (GroupQueryAttention), float32
OUT/plain    the same weights with standard operators only, float32
OUT/F16.gguf, OUT/Q8_0.gguf   the same weights for llama.cpp: F16 holds the same values, Q8_0 rounds them
OUT/expected.json   the workload's greedy ids by transformers in float32, and each graph's distance from it
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import onnxruntime_genai
import torch
from safetensors.numpy import load_file, save_file
from transformers import Qwen3ForCausalLM

import gguf_file
import plain_graph

TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "generation_config.json")
LARGEST_DIFFERENCE = 2e-3
"""Logits of a graph may differ by this much from transformers'; a wrong graph is off by tenths."""


def copy_small_files(source, target):
    target.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", *TOKENIZER_FILES):
        shutil.copy(source / name, target / name)


def widen(model, target):
    """A copy of the checkpoint with float32 weights: the same values, since every f16 number is an f32 number."""
    copy_small_files(model, target)
    weights = {name: array.astype(np.float32) for name, array in load_file(model / "model.safetensors").items()}
    save_file(weights, target / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((target / "config.json").read_text())
    config["torch_dtype"] = "float32"
    (target / "config.json").write_text(json.dumps(config, indent=1))
    return config, weights


def build_gqa(source, config):
    builder = Path(onnxruntime_genai.__file__).parent / "models" / "builder.py"
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["-i", source, "-o", folder, "-p", "fp32", "-e", "cpu", "-c", f"{folder}/cache"]
        run = subprocess.run([sys.executable, builder, *map(str, arguments)], capture_output=True, text=True)
        if run.returncode:
            sys.exit(f"ONNX Runtime's model builder failed:\n{run.stderr}")
        model = onnx.load(f"{folder}/model.onnx")
    # transformers.js reads the head's size from the shape of the inputs, where the builder leaves a name.
    for value in [*model.graph.input, *model.graph.output]:
        for dimension in value.type.tensor_type.shape.dim:
            if dimension.dim_param == "kv_cache_dim":
                dimension.dim_value = config["head_dim"]
    return model


def greedy_logits(session, config, prompt_ids, completion_ids):
    """Logits that predict each completion id: the prompt in one run, then one id a run, as a peer decodes."""
    past = {
        i.name: np.zeros((1, config["num_key_value_heads"], 0, config["head_dim"]), np.float32)
        for i in session.get_inputs()
        if i.name.startswith("past_key_values")
    }
    has_positions = any(i.name == "position_ids" for i in session.get_inputs())
    names = [o.name for o in session.get_outputs()]
    rows = []
    position = 0
    for ids in [prompt_ids, *([token] for token in completion_ids[:-1])]:
        end = position + len(ids)
        feed = {"input_ids": np.array([ids]), "attention_mask": np.ones((1, end), np.int64), **past}
        if has_positions:
            feed["position_ids"] = np.arange(position, end)[None]
        results = dict(zip(names, session.run(None, feed)))
        rows.append(results["logits"][0, -1])
        past = {name.replace("present", "past_key_values"): results[name] for name in names if name != "logits"}
        position = end
    return np.stack(rows)


def main():
    model_folder, workload_file, out = map(Path, sys.argv[1:4])
    workload = json.loads(workload_file.read_text())
    prompt_ids, num_new = workload["promptIds"], workload["numNewTokens"]
    torch.set_num_threads(1)
    shutil.rmtree(out, ignore_errors=True)
    source = out / "source"
    config, weights = widen(model_folder, source)

    graphs = {"gqa": build_gqa(source, config), "plain": plain_graph.build(config, weights)}
    for name, graph in graphs.items():
        copy_small_files(source, out / name)
        (out / name / "onnx").mkdir()
        onnx.save(graph, out / name / "onnx" / "model.onnx")

    tokenizer = json.loads((source / "tokenizer.json").read_text())
    for kind in gguf_file.KINDS:
        gguf_file.write(out / f"{kind}.gguf", kind, config, weights, tokenizer)

    reference = Qwen3ForCausalLM.from_pretrained(source, dtype=torch.float32).eval()
    with torch.no_grad():
        ids = torch.tensor([prompt_ids])
        for _ in range(num_new):
            ids = torch.cat([ids, reference(ids).logits[:, -1:].argmax(-1)], dim=1)
        completion = ids[0, len(prompt_ids) :].tolist()
        expected = reference(ids).logits[0, len(prompt_ids) - 1 : -1].numpy()
    end_ids = config["eos_token_id"]
    assert end_ids not in completion, "the workload's text ends by itself: choose another prompt"

    differences = {}
    for name in graphs:
        session = onnxruntime.InferenceSession(str(out / name / "onnx/model.onnx"), providers=["CPUExecutionProvider"])
        logits = greedy_logits(session, config, prompt_ids, completion)
        differences[name] = float(np.abs(logits - expected).max())
        assert differences[name] < LARGEST_DIFFERENCE, f"{name}: logits off by {differences[name]}"
        assert (logits.argmax(-1) == expected.argmax(-1)).all(), f"{name}: other greedy ids"
    two_best = np.sort(expected, axis=-1)[:, -2:]
    record = {
        "weights": hashlib.sha256((model_folder / "model.safetensors").read_bytes()).hexdigest(),
        "promptIds": prompt_ids,
        "ids": completion,
        "closestChoice": float((two_best[:, 1] - two_best[:, 0]).min()),
        "largestDifference": differences,
        "versions": {
            **{module.__name__: module.__version__ for module in (torch, onnx, onnxruntime, onnxruntime_genai)},
            "gguf": version("gguf"),
        },
    }
    # Last: its presence says that all is there.
    (out / "expected.json").write_text(json.dumps(record))
    print(json.dumps({key: record[key] for key in ("closestChoice", "largestDifference")}))


main()
