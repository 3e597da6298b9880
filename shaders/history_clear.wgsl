// what: seen[l] = 0
// in: seen [L, ceil(V / 32)]
// constants: WORKGROUP_SIZE
// share: one word an invocation
// source: own
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read_write> seen: array<u32>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  if (i < step.num_rows * ((step.vocab + 31u) / 32u)) { seen[i] = 0u; }
}
