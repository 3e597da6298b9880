// what: y[m] = (v - mean) / sqrt(variance + eps) * weight + bias, v = x[m], or activate(x[m]) if there is an ACTIVATION
// in: x [M, C], weight [C], bias [C], y [M, C]; columns padded to a multiple of four by zeros
// constants: ACTIVATION (of activation.wgsl, or none), WORKGROUP_SIZE
// share: one row an invocation
// source: arXiv 1607.06450; two passes, since one loses digits when the mean is large
#include "rows.wgsl"
#include "invocation.wgsl"
#if ACTIVATION != none
#include "activation.wgsl"
#endif
struct Dims { c4: u32, columns: u32, eps: f32 }
@group(0) @binding(1) var<uniform> dims: Dims;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> weight: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4<f32>>;

fn value(at: u32) -> vec4<f32> {
#if ACTIVATION != none
  let v = x[at];
  return vec4<f32>(activate(v.x), activate(v.y), activate(v.z), activate(v.w));
#else
  return x[at];
#endif
}

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let row = invocation_index(group, groups, lane);
  if (row >= step.num_rows) { return; }
  let from_ = row * dims.c4;
  var sum = 0.0;
  for (var c = 0u; c < dims.c4; c++) { sum += dot(value(from_ + c), vec4<f32>(1.0)); }
  let mean = sum / f32(dims.columns);
  var squares = 0.0;
  for (var c = 0u; c < dims.c4; c++) {
    let is_real = vec4<u32>(c * 4u) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(dims.columns);
    let d = select(vec4<f32>(0.0), value(from_ + c) - mean, is_real);
    squares += dot(d, d);
  }
  let scale = 1.0 / sqrt(squares / f32(dims.columns) + dims.eps);
  for (var c = 0u; c < dims.c4; c++) {
    y[from_ + c] = (value(from_ + c) - mean) * scale * weight[c] + bias[c];
  }
}
