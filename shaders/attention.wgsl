// what: all of attention between its two products: queries and keys normed and rotated, keys and values stored, each head attended over the
//     tiles of its keys, tiles merged
// in: records, work, qkv, rope, keys, values, inputs, y, norms (QK_NORM), as rope_head.wgsl, attention_keys.wgsl and attention_join.wgsl say
// constants: those of these three, NORM_GROUPS (of four in norms), WORKGROUP_SIZE
// share: all rows of one group of query heads, which read the same keys; lanes share its heads, then its tiles, then its columns
// source: own; what one step leaves the next one finds behind a barrier of the workgroup, by the arithmetic of the kernels that do it apart
#include "attention_dims.wgsl"
#include "cache.wgsl"
@group(0) @binding(3) var<storage, read_write> work: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> qkv: array<f32>;
@group(0) @binding(5) var<storage, read> rope: array<f32>;
@group(0) @binding(6) var<storage, read_write> keys: array<Cell>;
@group(0) @binding(7) var<storage, read_write> values: array<Cell>;
@group(0) @binding(8) var<storage, read> inputs: array<u32>;
@group(0) @binding(9) var<storage, read_write> y: array<f32>;
#if QK_NORM
@group(0) @binding(10) var<uniform> norms: array<vec4<f32>, ${NORM_GROUPS}>;
#endif
#include "rope_head.wgsl"
#include "attention_keys.wgsl"
#include "attention_join.wgsl"

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let own = group.x;
  let per_group = dims.per_group;
  let first_head = own * per_group;
  // Its query heads, its key and its value.
  let num_parts = per_group + 2u;
  for (var i = lane; i < step.num_rows * num_parts; i += ${WORKGROUP_SIZE}u) {
    let part = i % num_parts;
    let is_query = part < per_group;
    let beside = dims.heads + own + (part - per_group) * dims.groups;
    place_head(i / num_parts, select(beside, first_head + part, is_query));
  }
  storageBarrier();
  let num_bundles = per_group / ${HEADS}u;
  let num_tiles = step.num_tiles;
  let num_shares = (step.num_rows + ${ROWS}u - 1u) / ${ROWS}u * num_bundles * num_tiles;
  for (var i = lane; i < num_shares; i += ${WORKGROUP_SIZE}u) {
    let local = i / (num_bundles * num_tiles) * ${ROWS}u;
    attend_tile(local, first_head + (i % num_bundles) * ${HEADS}u, (i / num_bundles) % num_tiles);
  }
  storageBarrier();
  let num_columns = ${D4}u / ${GROUPS}u;
  for (var i = lane; i < step.num_rows * per_group * num_columns; i += ${WORKGROUP_SIZE}u) {
    join_tiles(i / (per_group * num_columns), first_head + (i / num_columns) % per_group, i % num_columns * ${GROUPS}u);
  }
}
