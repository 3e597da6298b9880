// what: per chunk of the row where the drafts end: the first to arrive of max(s p - t q, floor p), if any
// in: rows [M], inputs (row list), p [L, V], q [L - 1, V], judged [L], outcome, results (the verdict: accepted),
//     best [chunks] (log of the weight by the noise, id)
// constants: WORKGROUP_SIZE
// share: one chunk an invocation; nothing to do unless the outcome is a residual
// source: exponential race (no normaliser, no prefix sums)
#include "rows_records.wgsl"
#include "select_step.wgsl"
#include "verdict_record.wgsl"
#include "invocation.wgsl"
#include "noise.wgsl"
#include "law_outcome.wgsl"
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> inputs: array<u32>;
@group(0) @binding(3) var<storage, read> p: array<f32>;
@group(0) @binding(4) var<storage, read> q: array<f32>;
@group(0) @binding(5) var<storage, read> judged: array<Judged>;
@group(0) @binding(6) var<storage, read> outcome: Outcome;
@group(0) @binding(7) var<storage, read> results: array<u32>;
@group(0) @binding(8) var<storage, read_write> best: array<vec2<u32>>;
#include "law_judged.wgsl"

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  if (i >= step.num_chunks || outcome.is_residual == 0u) { return; }
  let first = rows[inputs[step.rows_list]].position + step.fills_next;
  let position = first + results[verdict_at()];
  let start = i * step.chunk;
  let end = min(start + step.chunk, step.vocab);
  let draft = draft_behind(outcome.row);
  let p_row = outcome.row * step.vocab;
  let q_row = draft * step.vocab;
  let p_scale = 1.0 / judged[outcome.row].target_mass;
  let q_scale = outcome.draft_scale / judged[draft + 1u].draft_mass;
  var top = -1e30;
  var id = 0xffffffffu;
  for (var t = start; t < end; t++) {
    let target_ = p[p_row + t] * p_scale;
    let weight = max(target_ * outcome.target_scale - q[q_row + t] * q_scale, target_ * outcome.floor);
    if (weight <= 0.0) { continue; }
    let key = log(weight) - log(exponential(step.seed, PURPOSE_RESIDUAL, position, first * 64u, t));
    if (key > top) { top = key; id = t; }
  }
  best[i] = vec2<u32>(bitcast<u32>(top), id);
}
