// what: result[l] = log-probability of a given token in the law of row l
// in: logits [L, V], inputs (a token a row at step.parents), results: the select record (4 words a row) at step.result, and words for
//     the answers at step.k
// constants: WORKGROUP_SIZE
// share: one row an invocation
// source: own
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> inputs: array<u32>;
@group(0) @binding(3) var<storage, read_write> results: array<u32>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let l = invocation_index(group, groups, lane);
  if (l >= step.num_rows) { return; }
  let log_sum = bitcast<f32>(results[step.result + step.num_rows * 2u + l * 2u + 1u]);
  let logit = logits[l * step.vocab + inputs[step.parents + l]];
  results[step.k + l] = bitcast<u32>(logit - log_sum);
}
