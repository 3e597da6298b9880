// what: what the kernels of attention know of a layer, and the records of rows and cache slots, which share a buffer
// in: records: [M] rows of two groups, then, from dims.slots_at on, [context] slots of one
// constants: none
// share: -
// source: own; one buffer for both, so that a kernel with all of attention in it binds eight
#include "rows.wgsl"
struct Dims {
  heads: u32,
  per_group: u32,
  groups: u32,
  d: u32,
  half: u32,
  qkv_stride: u32,
  max_position: u32,
  eps: f32,
  scale: f32,
  window: u32,
  y_stride: u32,
  partials_at: u32,
  slots_at: u32,
  soft_cap: f32,
}
@group(0) @binding(1) var<uniform> dims: Dims;
@group(0) @binding(2) var<storage, read> records: array<vec4<u32>>;

fn row_at(m: u32) -> Row {
  let a = records[m * 2u];
  let b = records[m * 2u + 1u];
  return Row(a.x, a.y, a.z, a.w, b.x, b.y, b.z, b.w);
}

fn slot_at(slot: u32) -> Slot {
  let a = records[dims.slots_at + slot];
  return Slot(a.x, a.y, a.z, a.w);
}
