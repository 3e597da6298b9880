// what: hidden[m] = the state that a head reads of row m: NORMED scaled[m] / root mean square, else x[m]
// in: x [M, C] (of NORMED the scaled rows), hidden [M, C], squares [M, parts] (NORMED)
// constants: NORMED, WORKGROUP_SIZE
// share: four columns of a row an invocation
// source: arXiv 2401.15077 (features are what the LM head reads)
#include "rows.wgsl"
#include "invocation.wgsl"
struct Dims { c4: u32, square_groups: u32, size: f32, eps: f32 }
@group(0) @binding(1) var<uniform> dims: Dims;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> hidden: array<vec4<f32>>;
#if NORMED
@group(0) @binding(4) var<storage, read> squares: array<vec4<f32>>;
#endif

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let row = i / dims.c4;
  if (row >= step.num_rows) { return; }
#if NORMED
  var sum = vec4<f32>(0.0);
  for (var g = 0u; g < dims.square_groups; g++) { sum += squares[row * dims.square_groups + g]; }
  let total = sum.x + sum.y + sum.z + sum.w;
  hidden[i] = x[i] / sqrt(total / dims.size + dims.eps);
#else
  hidden[i] = x[i];
#endif
}
