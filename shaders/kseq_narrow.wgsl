// what: narrows the scales [low, high] that hold the smallest one valid for k agreeing chains, [1, k] at FIRST, to what lies
//     between two of the EDGES that were tried; a scale t is valid if 1 - (1 - b)^k <= t b for b = sum min(q, p / t), that is if
//     left(t) <= (1 - b)^k
// in: rows [M], inputs (row list), offers [L, K + 1] (of a row: low and high, then b of high), left [L, chunks, EDGES]
// constants: FIRST, EDGES, WORKGROUP_SIZE
// share: one row an invocation
// source: arXiv 2310.15141 (k-SEQ); `high` is valid, as all above the smallest valid scale are
#include "rows_records.wgsl"
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> inputs: array<u32>;
@group(0) @binding(3) var<storage, read_write> offers: array<vec2<f32>>;
#if !FIRST
@group(0) @binding(4) var<storage, read> left: array<f32>;
#endif
#include "law_chains.wgsl"

// What sums of float32 don't resolve: where both laws are one, all must pass.
const ROUNDING: f32 = 1e-6;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  if (i >= step.num_rows || (i > 0u && i + step.k >= step.num_rows)) { return; }
  let k = f32(countOneBits(agreeing(i)));
  let at = i * (step.k + 1u);
#if FIRST
  offers[at] = vec2<f32>(1.0, k);
#else
  let low = offers[at].x;
  let part = (offers[at].y - low) / f32(${EDGES}u - 1u);
  // The last edge is `high`, which is valid; the first one is where nothing below it was tried.
  var edge = select(1u, 0u, low == 1.0);
  var single = 0.0;
  for (; edge < ${EDGES}u; edge++) {
    var sum = 0.0;
    for (var c = 0u; c < step.num_chunks; c++) { sum += left[(i * step.num_chunks + c) * ${EDGES}u + edge]; }
    single = clamp((1.0 - sum) / (low + part * f32(edge)), 0.0, 1.0);
    if (edge == ${EDGES}u - 1u || sum <= pow(1.0 - single, k) + ROUNDING) { break; }
  }
  offers[at] = vec2<f32>(low + part * f32(max(edge, 1u) - 1u), low + part * f32(edge));
  offers[at + 1u] = vec2<f32>(single, 0.0);
#endif
}
