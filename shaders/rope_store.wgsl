// what: splits rows' projections in heads, norms and rotates them and stores keys and values, as rope_head.wgsl says
// in: records, work, qkv, rope, keys, values, norms (QK_NORM)
// constants: D4, CACHE, CELLS, QK_NORM, NORM_GROUPS (of four in norms), WORKGROUP_SIZE
// share: one head of one row an invocation
// source: own; for rows that more than one workgroup attends for. Others have it in attention.wgsl
#include "attention_dims.wgsl"
#include "cache.wgsl"
#include "invocation.wgsl"
@group(0) @binding(3) var<storage, read_write> work: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> qkv: array<f32>;
@group(0) @binding(5) var<storage, read> rope: array<f32>;
@group(0) @binding(6) var<storage, read_write> keys: array<Cell>;
@group(0) @binding(7) var<storage, read_write> values: array<Cell>;
#if QK_NORM
@group(0) @binding(8) var<uniform> norms: array<vec4<f32>, ${NORM_GROUPS}>;
#endif
#include "rope_head.wgsl"

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let all_heads = dims.heads + 2u * dims.groups;
  if (i / all_heads >= step.num_rows) { return; }
  place_head(i / all_heads, i % all_heads);
}
