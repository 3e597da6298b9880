// what: n[m] = v / sqrt(mean(v^2) + eps) * weight (+ bias), v = activate(x[m]), less its mean if CENTRED; y[m] = n, y[m] + n or added[m] + n.
//     FEEDS: also stores y gain and the sum of y^2, for the NORMED products that follow
// in: x [M, C], weight [C], y [M, C], bias [C] (BIAS), added [M, C], gain [C], scaled [M, C], squares [M, parts] (FEEDS); columns
//     padded to a multiple of four by zeros
// constants: CENTRED, ACTIVATION (of activation.wgsl, or none), BIAS, ADDS = none | own (y's) | other (added), FEEDS, LANES (a power of two), WORKGROUP_SIZE (LANES,
//     or any where that is 1), …_AT (bindings of what is optional)
// share: a row by LANES invocations, which take groups of four columns in turn
// source: arXiv 1910.07467, 1607.06450; the mean is taken away first, since one pass loses digits where it is large. Lanes are merged in a tree
#include "rows.wgsl"
#include "lanes.wgsl"
#if ACTIVATION != none
#include "activation.wgsl"
#endif
struct Dims { c4: u32, columns: u32, eps: f32, parts: u32 }
@group(0) @binding(1) var<uniform> dims: Dims;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> weight: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;
#if BIAS
@group(0) @binding(${BIAS_AT}) var<storage, read> bias: array<vec4<f32>>;
#endif
#if ADDS == other
@group(0) @binding(${ADDED_AT}) var<storage, read> added: array<vec4<f32>>;
#endif
#if FEEDS
@group(0) @binding(${GAIN_AT}) var<storage, read> gain: array<vec4<f32>>;
@group(0) @binding(${SCALED_AT}) var<storage, read_write> scaled: array<vec4<f32>>;
@group(0) @binding(${SQUARES_AT}) var<storage, read_write> squares: array<f32>;
#endif

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
        @builtin(local_invocation_index) index: u32) {
  let row = lane_row(group, groups, index);
  let lane = own_lane(index);
  if (row >= step.num_rows) { return; }
  let from_ = row * dims.c4;
#if CENTRED
  var sum = vec4<f32>(0.0);
  for (var c = lane; c < dims.c4; c += ${LANES}u) { sum += value(from_ + c); }
  let mean = total(sum, lane) / f32(dims.columns);
#endif
  var spread = vec4<f32>(0.0);
  for (var c = lane; c < dims.c4; c += ${LANES}u) {
#if CENTRED
    let is_real = vec4<u32>(c * 4u) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(dims.columns);
    let v = select(vec4<f32>(0.0), value(from_ + c) - mean, is_real);
#else
    let v = value(from_ + c);
#endif
    spread += v * v;
  }
  let scale = 1.0 / sqrt(total(spread, lane) / f32(dims.columns) + dims.eps);
  var square = vec4<f32>(0.0);
  for (var c = lane; c < dims.c4; c += ${LANES}u) {
#if CENTRED
    var out = (value(from_ + c) - mean) * scale * weight[c];
#else
    var out = value(from_ + c) * scale * weight[c];
#endif
#if BIAS
    out += bias[c];
#endif
#if ADDS == own
    out += y[from_ + c];
#endif
#if ADDS == other
    out += added[from_ + c];
#endif
    y[from_ + c] = out;
#if FEEDS
    scaled[from_ + c] = out * gain[c];
    square += out * out;
#endif
  }
#if FEEDS
  let all = total(square, lane);
  for (var p = lane; p < dims.parts; p += ${LANES}u) { squares[row * dims.parts + p] = select(0.0, all, p == 0u); }
#endif
}
