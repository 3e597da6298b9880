// what: over a chunk of a row, its part of KL(p ‖ q) = sum p (log p - log q), q the law that `memory` holds of the row's
//   position, 0 where it holds none; then memory = log p
// in: logits [L, V], bias [V], inputs (place of each row, or with KNOWN), results (log-sum-exp of each row), memory [64, V], parts [L, chunks]
// constants: WORKGROUP_SIZE
// share: one chunk of a row an invocation
// source: KLASS (arXiv 2511.05664)
#include "select_step.wgsl"
#include "memory_place.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> inputs: array<u32>;
@group(0) @binding(4) var<storage, read> results: array<u32>;
@group(0) @binding(5) var<storage, read_write> memory: array<f32>;
@group(0) @binding(6) var<storage, read_write> parts: array<f32>;

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
  let log_sum = bitcast<f32>(results[step.result + step.num_rows * 2u + l * 2u + 1u]);
  var sum = 0.0;
  for (var t = start; t < end; t++) {
    if (bias[t] <= SUPPRESSED) { continue; }
    let log_p = logits[l * step.vocab + t] - log_sum;
    if (is_known) { sum += exp(log_p) * (log_p - memory[to + t]); }
    memory[to + t] = log_p;
  }
  parts[i] = sum;
}
