// what: y[i] = x[m] / sqrt(mean(x[m]^2) + eps) * weight, with m = i, or m = list[i] (GATHER); ADD first does x[m] += r[m]
// in: x [M, C], weight [C], y [M or L, C], r [M, C] (ADD), inputs (GATHER: row indices from step.rows_list on)
// constants: ADD, GATHER, WORKGROUP_SIZE
// share: one row an invocation
// source: arXiv 1910.07467; columns are padded to a multiple of four by zeros
#include "rows.wgsl"
#include "invocation.wgsl"
struct Dims { c4: u32, columns: f32, eps: f32 }
@group(0) @binding(1) var<uniform> dims: Dims;
@group(0) @binding(2) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> weight: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;
#if ADD
@group(0) @binding(5) var<storage, read> r: array<vec4<f32>>;
#endif
#if GATHER
@group(0) @binding(5) var<storage, read> inputs: array<u32>;
#endif

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  if (i >= step.num_rows) { return; }
#if GATHER
  let row = inputs[step.rows_list + i];
#else
  let row = i;
#endif
  let c4 = dims.c4;
  let from_ = row * c4;
  var sum = 0.0;
  for (var c = 0u; c < c4; c++) {
#if ADD
    x[from_ + c] = x[from_ + c] + r[from_ + c];
#endif
    let v = x[from_ + c];
    sum += dot(v, v);
  }
  let scale = 1.0 / sqrt(sum / dims.columns + dims.eps);
  for (var c = 0u; c < c4; c++) {
    y[i * c4 + c] = x[from_ + c] * scale * weight[c];
  }
}
