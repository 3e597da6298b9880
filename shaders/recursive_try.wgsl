// what: what one more failed try leaves: (s, t) of try step.depth become those of the next one, divided by what is left
// in: rows [M], inputs (row list), judged [L], left [L, chunks], offers [L, K + 1]
// constants: DISTINCT, WORKGROUP_SIZE
// share: one row an invocation
// source: arXiv 2305.09781, 2402.12374
#include "rows_records.wgsl"
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> inputs: array<u32>;
@group(0) @binding(3) var<storage, read> judged: array<Judged>;
@group(0) @binding(4) var<storage, read> left: array<f32>;
@group(0) @binding(5) var<storage, read_write> offers: array<vec2<f32>>;
#include "law_judged.wgsl"
#include "law_chains.wgsl"
#include "law_tries.wgsl"

// What sums of float32 don't resolve: the laws are equal here, so no try fails.
const ROUNDING: f32 = 1e-6;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  if (i >= step.num_rows || draft_behind(i) + 1u >= step.num_rows) { return; }
  var sum = 0.0;
  for (var c = 0u; c < step.num_chunks; c++) { sum += left[i * step.num_chunks + c]; }
  var offer = offer_of(i, step.depth);
  if (sum > ROUNDING) { offer = (offer + vec2<f32>(0.0, taken_by(i, step.depth))) / sum; }
  offers[i * (step.k + 1u) + step.depth + 1u] = offer;
}
