// what: found = min(found, stage) where a row of x holds NaN or infinity
// in: x [M, C], found (one word)
// constants: WORKGROUP_SIZE
// share: one row an invocation
// source: own; by bits, since compilers may take floats for finite
#include "rows.wgsl"
#include "invocation.wgsl"
struct Dims { width: u32, stage: u32 }
@group(0) @binding(1) var<uniform> dims: Dims;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> found: atomic<u32>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let row = invocation_index(group, groups, lane);
  if (row >= step.num_rows) { return; }
  var largest = 0u;
  for (var i = 0u; i < dims.width; i++) { largest = max(largest, bitcast<u32>(x[row * dims.width + i]) & 0x7fffffffu); }
  if (largest >= 0x7f800000u) { atomicMin(&found, dims.stage); }
}
