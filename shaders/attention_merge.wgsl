// what: the outputs of rows' heads out of their tiles, as attention_join.wgsl says
// in: records, work, y
// constants: those of attention_join.wgsl, WORKGROUP_SIZE
// share: GROUPS groups of four columns of one head an invocation
// source: own; for rows that more than one workgroup attends for. Others have it in attention.wgsl
#include "attention_dims.wgsl"
#include "invocation.wgsl"
@group(0) @binding(3) var<storage, read> work: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
#include "attention_join.wgsl"

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let num_shares = ${D4}u / ${GROUPS}u;
  let local = i / (num_shares * dims.heads);
  if (local >= step.num_rows) { return; }
  join_tiles(local, (i / num_shares) % dims.heads, i % num_shares * ${GROUPS}u);
}
