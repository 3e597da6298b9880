// what: y[m] = x[m] / sqrt(mean(x[m]^2) + eps) * weight, and added[m] on top of it if ADDS
// in: x [M, C], weight [C], y [M, C], added [M, C] (ADDS); columns padded to a multiple of four by zeros
// constants: ADDS, WORKGROUP_SIZE
// share: one row an invocation
// source: arXiv 1910.07467
#include "rows.wgsl"
#include "invocation.wgsl"
struct Dims { c4: u32, columns: u32, eps: f32 }
@group(0) @binding(1) var<uniform> dims: Dims;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> weight: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;
#if ADDS
@group(0) @binding(5) var<storage, read> added: array<vec4<f32>>;
#endif

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let row = invocation_index(group, groups, lane);
  if (row >= step.num_rows) { return; }
  let from_ = row * dims.c4;
  var squares = vec4<f32>(0.0);
  for (var c = 0u; c < dims.c4; c++) { squares += x[from_ + c] * x[from_ + c]; }
  let scale = 1.0 / sqrt(dot(squares, vec4<f32>(1.0)) / f32(dims.columns) + dims.eps);
  for (var c = 0u; c < dims.c4; c++) {
#if ADDS
    y[from_ + c] = x[from_ + c] * scale * weight[c] + added[from_ + c];
#else
    y[from_ + c] = x[from_ + c] * scale * weight[c];
#endif
  }
}
