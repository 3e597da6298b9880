// what: features[m] = the hidden state that row m reads: row w of the head's own ones, or of the trunk's
// in: inputs (a word a row: w, bit 31 for the head's own), own [M, C], trunk [M, C], features [M, C]
// constants: WORKGROUP_SIZE
// share: four columns of a row an invocation
// source: own
#include "rows.wgsl"
#include "invocation.wgsl"
struct Dims { c4: u32 }
@group(0) @binding(1) var<uniform> dims: Dims;
@group(0) @binding(2) var<storage, read> inputs: array<u32>;
@group(0) @binding(3) var<storage, read> own: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> trunk: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> features: array<vec4<f32>>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let row = i / dims.c4;
  if (row >= step.num_rows) { return; }
  let word = inputs[step.features + row];
  let at = (word & 0x7fffffffu) * dims.c4 + i % dims.c4;
  if (word >= 0x80000000u) { features[i] = own[at]; } else { features[i] = trunk[at]; }
}
