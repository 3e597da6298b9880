"""A Qwen3 checkpoint as an ONNX graph of standard operators only, node by node.

Needed because GroupQueryAttention, the fused operator of the usual export, gives wrong tokens on software WebGPU
adapters. Inputs and outputs have the names that transformers.js expects.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 18
NEVER = np.float32(-3.4e38)
"""Added to the score of a key that must not be seen; finite, so that a row of them is not NaN."""


class Graph:
    """Collects nodes and constants; every method returns the name of a value."""

    def __init__(self):
        self.nodes = []
        self.initializers = {}

    def constant(self, name, array):
        if name not in self.initializers:
            self.initializers[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def integers(self, *values):
        return self.constant(f"integers:{values}", np.array(values, np.int64))

    def integer(self, value):
        return self.constant(f"integer:{value}", np.int64(value))

    def number(self, value):
        return self.constant(f"number:{float(value)!r}", np.float32(value))

    def op(self, kind, *inputs, output=None, **attributes):
        name = output or f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name


def rms_norm(graph, x, weight_name, weight, eps):
    mean_square = graph.op("ReduceMean", graph.op("Pow", x, graph.number(2)), graph.integers(-1), keepdims=1)
    scale = graph.op("Reciprocal", graph.op("Sqrt", graph.op("Add", mean_square, graph.number(eps))))
    return graph.op("Mul", graph.op("Mul", x, scale), graph.constant(weight_name, weight))


def visibility(graph):
    """Scores to add, [B, 1, T, S]: 0 where the query sees the key (causal, not padded), else NEVER."""
    dimension = lambda name: graph.op("Gather", graph.op("Shape", name), graph.integer(1))
    num_queries, num_keys = dimension("input_ids"), dimension("attention_mask")
    count = lambda end: graph.op("Range", graph.integer(0), end, graph.integer(1))
    key = graph.op("Unsqueeze", count(num_keys), graph.integers(0))
    query = graph.op("Add", count(num_queries), graph.op("Sub", num_keys, num_queries))
    causal = graph.op("LessOrEqual", key, graph.op("Unsqueeze", query, graph.integers(1)))
    present = graph.op("Cast", graph.op("Unsqueeze", "attention_mask", graph.integers(1, 2)), to=TensorProto.BOOL)
    return graph.op("Where", graph.op("And", causal, present), graph.number(0), graph.number(NEVER))


def rotation(graph, head_dim, theta):
    """Returns the function that turns [B, H, T, D] by its positions; cosines and sines are computed once."""
    half = head_dim // 2
    frequencies = (1.0 / theta ** (np.arange(0, head_dim, 2) / head_dim)).astype(np.float32)
    positions = graph.op("Unsqueeze", graph.op("Cast", "position_ids", to=TensorProto.FLOAT), graph.integers(2))
    angle = graph.op("Mul", positions, graph.constant("frequencies", frequencies))
    both = graph.op("Unsqueeze", graph.op("Concat", angle, angle, axis=-1), graph.integers(1))
    cosine, sine = graph.op("Cos", both), graph.op("Sin", both)
    axis = graph.integers(3)

    def rotate(x):
        low = graph.op("Slice", x, graph.integers(0), graph.integers(half), axis)
        high = graph.op("Slice", x, graph.integers(half), graph.integers(head_dim), axis)
        turned = graph.op("Concat", graph.op("Neg", high), low, axis=-1)
        return graph.op("Add", graph.op("Mul", x, cosine), graph.op("Mul", turned, sine))

    return rotate


def build(config, weights):
    """The model of a Qwen3 `config` (a dict) and its float32 `weights` (name to array)."""
    graph = Graph()
    num_layers, vocab_size = config["num_hidden_layers"], config["vocab_size"]
    num_heads, num_kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    head_dim, eps = config["head_dim"], config["rms_norm_eps"]

    norm = lambda x, name: rms_norm(graph, x, name, weights[name], eps)
    linear = lambda x, name: graph.op("MatMul", x, graph.constant(name, weights[name].T))
    swap = lambda x: graph.op("Transpose", x, perm=[0, 2, 1, 3])
    rotate = rotation(graph, head_dim, config["rope_theta"])
    scores_to_add = visibility(graph)
    embedding = graph.constant("model.embed_tokens.weight", weights["model.embed_tokens.weight"])
    x = graph.op("Gather", embedding, "input_ids")
    caches = [f"{i}.{part}" for i in range(num_layers) for part in ("key", "value")]

    def heads(y, name):
        return graph.op("Reshape", linear(y, name), graph.integers(0, 0, -1, head_dim))

    def with_past(cache, new):
        return graph.op("Concat", f"past_key_values.{cache}", new, output=f"present.{cache}", axis=2)

    def for_each_query_head(y):
        repeats = graph.integers(1, 1, num_heads // num_kv_heads, 1, 1)
        tiled = graph.op("Tile", graph.op("Unsqueeze", y, graph.integers(2)), repeats)
        return graph.op("Reshape", tiled, graph.integers(0, num_heads, -1, head_dim))

    for i in range(num_layers):
        attention, mlp = f"model.layers.{i}.self_attn.", f"model.layers.{i}.mlp."
        y = norm(x, f"model.layers.{i}.input_layernorm.weight")
        q = rotate(swap(norm(heads(y, attention + "q_proj.weight"), attention + "q_norm.weight")))
        k = rotate(swap(norm(heads(y, attention + "k_proj.weight"), attention + "k_norm.weight")))
        v = swap(heads(y, attention + "v_proj.weight"))
        keys = for_each_query_head(with_past(f"{i}.key", k))
        values = for_each_query_head(with_past(f"{i}.value", v))
        scores = graph.op("MatMul", q, graph.op("Transpose", keys, perm=[0, 1, 3, 2]))
        scores = graph.op("Add", graph.op("Mul", scores, graph.number(head_dim**-0.5)), scores_to_add)
        mixed = swap(graph.op("MatMul", graph.op("Softmax", scores, axis=-1), values))
        mixed = graph.op("Reshape", mixed, graph.integers(0, 0, num_heads * head_dim))
        x = graph.op("Add", x, linear(mixed, attention + "o_proj.weight"))
        y = norm(x, f"model.layers.{i}.post_attention_layernorm.weight")
        gate = linear(y, mlp + "gate_proj.weight")
        gated = graph.op("Mul", graph.op("Mul", gate, graph.op("Sigmoid", gate)), linear(y, mlp + "up_proj.weight"))
        x = graph.op("Add", x, linear(gated, mlp + "down_proj.weight"))

    # Tied embeddings: the file holds them once.
    head = graph.op("Transpose", embedding, perm=[1, 0])
    graph.op("MatMul", norm(x, "model.norm.weight"), head, output="logits")

    value = helper.make_tensor_value_info
    lengths = (("input_ids", "T"), ("attention_mask", "S"), ("position_ids", "T"))
    inputs = [value(name, TensorProto.INT64, ["B", length]) for name, length in lengths]
    inputs += [
        value(f"past_key_values.{cache}", TensorProto.FLOAT, ["B", num_kv_heads, "P", head_dim]) for cache in caches
    ]
    outputs = [value("logits", TensorProto.FLOAT, ["B", "T", vocab_size])]
    outputs += [value(f"present.{cache}", TensorProto.FLOAT, ["B", num_kv_heads, "S", head_dim]) for cache in caches]
    proto = helper.make_graph(graph.nodes, "qwen3", inputs, outputs, list(graph.initializers.values()))
    model = helper.make_model(proto, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    onnx.checker.check_model(model)
    return model
