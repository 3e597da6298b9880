// what: own[l] = (1 - share) own[l] + share other[l]: logits of the product of experts p_own^(1 - share) p_other^share
// in: own [L, V], other [L, W], share as step.weight, L as step.num_rows, W as step.width: what only one has is padding, and left as it is
// constants: WORKGROUP_SIZE
// share: one logit an invocation
// source: arXiv 2506.00413
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read_write> own: array<f32>;
@group(0) @binding(2) var<storage, read> other: array<f32>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  if (i >= step.num_rows * step.vocab) { return; }
  let t = i % step.vocab;
  if (t >= step.width) { return; }
  own[i] = (1.0 - step.weight) * own[i] + step.weight * other[i / step.vocab * step.width + t];
}
