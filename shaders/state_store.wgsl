// what: states[slot of m] = x[m] / |x[m]|, zeros where x[m] is
// in: x [M, C], what the LM head reads; rows [M], states [context, C]; columns padded to a multiple of four by zeros
// constants: LANES (a power of two), WORKGROUP_SIZE (LANES, or any where that is 1)
// share: a row by LANES invocations, which take groups of four columns in turn
// source: arXiv 2202.06417 (states are compared by their cosines alone: a scale that a norm has yet to apply falls out)
#include "rows.wgsl"
#include "lanes.wgsl"
struct Dims { c4: u32 }
@group(0) @binding(1) var<uniform> dims: Dims;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> rows: array<Row>;
@group(0) @binding(4) var<storage, read_write> states: array<vec4<f32>>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) index: u32) {
  let row = lane_row(group, groups, index);
  let lane = own_lane(index);
  if (row >= step.num_rows) { return; }
  let from_ = row * dims.c4;
  var most = 0.0;
  for (var c = lane; c < dims.c4; c += ${LANES}u) {
    let v = abs(x[from_ + c]);
    most = max(most, max(max(v.x, v.y), max(v.z, v.w)));
  }
  // Divided by the largest first, so that no square is too large or too small for a float.
  let scale = max(largest(most, lane), 1e-37);
  var squares = vec4<f32>(0.0);
  for (var c = lane; c < dims.c4; c += ${LANES}u) {
    let v = x[from_ + c] / scale;
    squares += v * v;
  }
  let norm = max(sqrt(total(squares, lane)), 1e-37);
  let to = rows[row].slot * dims.c4;
  for (var c = lane; c < dims.c4; c += ${LANES}u) { states[to + c] = x[from_ + c] / scale / norm; }
}
