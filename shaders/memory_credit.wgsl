// what: memory = c = decay memory + [t is the likeliest token] p^power, of the row's position; logits += weight log(1 + c)
// in: results (likeliest token of each row and its log-probability), inputs (place of each row, or with KNOWN), logits [L, V], memory [64, V]
// constants: WORKGROUP_SIZE
// share: one chunk of a row an invocation
// source: dInfer's credit decoding (arXiv 2510.08666)
#include "select_step.wgsl"
#include "memory_place.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> results: array<u32>;
@group(0) @binding(2) var<storage, read> inputs: array<u32>;
@group(0) @binding(3) var<storage, read_write> logits: array<f32>;
@group(0) @binding(4) var<storage, read_write> memory: array<f32>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let l = i / step.num_chunks;
  if (l >= step.num_rows) { return; }
  let start = (i % step.num_chunks) * step.chunk;
  let end = min(start + step.chunk, step.vocab);
  let place = inputs[step.parents + l];
  let is_known = (place & KNOWN) != 0u;
  let to = (place & PLACES) * step.vocab;
  let measured = step.result + step.num_rows * 4u + l * 4u;
  let top = results[measured];
  let gain = exp(step.power * bitcast<f32>(results[measured + 1u]));
  for (var t = start; t < end; t++) {
    var credit = select(0.0, step.decay * memory[to + t], is_known);
    if (t == top) { credit += gain; }
    memory[to + t] = credit;
    // Most tokens have none, and a logarithm is dear.
    if (credit > 0.0) { logits[l * step.vocab + t] += step.weight * log(1.0 + credit); }
  }
}
