// what: left[i][c] = sum of max(P_i p - q, 0) over a chunk, for each row with a draft behind it
// in: p [L, V], q [L - 1, V], judged [L], left [L, chunks]
// constants: RULE, WORKGROUP_SIZE
// share: one chunk of a row an invocation
// source: arXiv 2403.10444
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> p: array<f32>;
@group(0) @binding(2) var<storage, read> q: array<f32>;
@group(0) @binding(3) var<storage, read> judged: array<Judged>;
@group(0) @binding(4) var<storage, read_write> left: array<f32>;
#include "law_judged.wgsl"

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let l = i / step.num_chunks;
  if (l + 1u >= step.num_rows) { return; }
  let start = (i % step.num_chunks) * step.chunk;
  let end = min(start + step.chunk, step.vocab);
  let p_scale = scale_of(l) / judged[l].target_mass;
  let q_scale = 1.0 / judged[l].draft_mass;
  var sum = 0.0;
  for (var t = l * step.vocab + start; t < l * step.vocab + end; t++) {
    sum += max(p[t] * p_scale - q[t] * q_scale, 0.0);
  }
  left[i] = sum;
}
