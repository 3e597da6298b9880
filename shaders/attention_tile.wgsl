// what: attention of query heads over tiles of keys, as attention_keys.wgsl says
// in: records, work, keys, values, inputs
// constants: those of attention_keys.wgsl, WORKGROUP_SIZE
// share: one (ROWS rows, tile, HEADS heads) an invocation, heads fastest
// source: own; for rows that more than one workgroup attends for. Others have it in attention.wgsl
#include "attention_dims.wgsl"
#include "cache.wgsl"
#include "invocation.wgsl"
@group(0) @binding(3) var<storage, read_write> work: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> keys: array<Cell>;
@group(0) @binding(5) var<storage, read> values: array<Cell>;
@group(0) @binding(6) var<storage, read> inputs: array<u32>;
#include "attention_keys.wgsl"

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let num_bundles = dims.heads / ${HEADS}u;
  let local = i / (num_bundles * step.num_tiles) * ${ROWS}u;
  if (local >= step.num_rows) { return; }
  attend_tile(local, (i % num_bundles) * ${HEADS}u, (i / num_bundles) % step.num_tiles);
}
