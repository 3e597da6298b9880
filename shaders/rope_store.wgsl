// what: splits a row's projection in heads; norms (QK_NORM) and rotates queries and keys by position; stores k and v
// in: qkv [M, (H + 2G) D], rows [M], rope [context, 2, R/2] (cos, sin), norms [2, D] (q, k), q [M, H, D4], k, v [context, G, D4]
// constants: QK_NORM, WORKGROUP_SIZE; dims.half = R/2, R <= D the rotated part
// share: one head of one row an invocation
// source: arXiv 2104.09864, in the rotate-half pairing (i, i + R/2) of transformers; D is padded to D4 by zeros
#include "rows.wgsl"
#include "invocation.wgsl"
struct Dims { heads: u32, groups: u32, d: u32, d4: u32, half: u32, qkv_stride: u32, max_position: u32, eps: f32 }
@group(0) @binding(1) var<uniform> dims: Dims;
@group(0) @binding(2) var<storage, read> qkv: array<f32>;
@group(0) @binding(3) var<storage, read> rows: array<Row>;
@group(0) @binding(4) var<storage, read> rope: array<f32>;
@group(0) @binding(5) var<storage, read_write> q: array<f32>;
@group(0) @binding(6) var<storage, read_write> keys: array<f32>;
@group(0) @binding(7) var<storage, read_write> values: array<f32>;
#if QK_NORM
@group(0) @binding(8) var<storage, read> norms: array<f32>;
#endif

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let all_heads = dims.heads + 2u * dims.groups;
  let m = i / all_heads;
  if (m >= step.num_rows) { return; }
  let head = i % all_heads;
  let d = dims.d;
  let src = m * dims.qkv_stride + head * dims.d;
  let padded = dims.d4 * 4u;
  let cache = rows[m].slot * dims.groups;
  if (head >= dims.heads + dims.groups) {
    let dst = (cache + head - dims.heads - dims.groups) * padded;
    for (var c = 0u; c < d; c++) { values[dst + c] = qkv[src + c]; }
    return;
  }
  let is_query = head < dims.heads;
  var scale = 1.0;
#if QK_NORM
  var sum = 0.0;
  for (var c = 0u; c < d; c++) { sum += qkv[src + c] * qkv[src + c]; }
  scale = 1.0 / sqrt(sum / f32(dims.d) + dims.eps);
  let norm = select(dims.d, 0u, is_query);
#endif
  let half = dims.half;
  let angle = min(rows[m].position, dims.max_position) * half * 2u;
  let dst = select((cache + head - dims.heads) * padded, (m * dims.heads + head) * padded, is_query);
  for (var c = 0u; c < half; c++) {
    var a = qkv[src + c];
    var b = qkv[src + c + half];
#if QK_NORM
    a = a * scale * norms[norm + c];
    b = b * scale * norms[norm + c + half];
#endif
    let cosine = rope[angle + c];
    let sine = rope[angle + half + c];
    let first = a * cosine - b * sine;
    let second = b * cosine + a * sine;
    if (is_query) { q[dst + c] = first; q[dst + c + half] = second; }
    else { keys[dst + c] = first; keys[dst + c + half] = second; }
  }
  for (var c = half * 2u; c < d; c++) {
    var a = qkv[src + c];
#if QK_NORM
    a = a * scale * norms[norm + c];
#endif
    if (is_query) { q[dst + c] = a; } else { keys[dst + c] = a; }
  }
}
