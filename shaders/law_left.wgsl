// what: left[i][c][e] = sum over a chunk of max(s p - t_e q, 0), for each row with drafts behind it: what of the target's law
//     is left when t_e of the draft's is taken away
// in: p [L, V], q [L - 1, V], judged [L], inputs (parents), left [L, chunks, EDGES], offers [L, K + 1] (kseq, recursive),
//     rows [M] (recursive)
// constants: RULE = block (s what is left of the drafts so far, t = 1) | kseq (s = 1, t_e one of the scales that are tried) |
//     recursive (s, t of the try step.depth), DISTINCT (recursive), EDGES, WORKGROUP_SIZE
// share: one chunk of a row an invocation
// source: arXiv 2403.10444 (block); arXiv 2310.15141 (k-SEQ), where sum min(q, p / t) = (1 - left) / t; arXiv 2305.09781
#include "rows_records.wgsl"
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> p: array<f32>;
@group(0) @binding(2) var<storage, read> q: array<f32>;
@group(0) @binding(3) var<storage, read> judged: array<Judged>;
@group(0) @binding(4) var<storage, read> inputs: array<u32>;
@group(0) @binding(5) var<storage, read_write> left: array<f32>;
#if RULE != block
@group(0) @binding(6) var<storage, read> offers: array<vec2<f32>>;
#endif
#if RULE == recursive
@group(0) @binding(7) var<storage, read> rows: array<Row>;
#include "law_chains.wgsl"
#include "law_tries.wgsl"
#endif
#include "law_judged.wgsl"
#include "law_reach.wgsl"

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let l = i / step.num_chunks;
  let draft = draft_behind(l);
  if (l >= step.num_rows || draft + 1u >= step.num_rows) { return; }
  let start = (i % step.num_chunks) * step.chunk;
  let end = min(start + step.chunk, step.vocab);
  let p_row = l * step.vocab;
  let q_row = draft * step.vocab;
  let q_scale = 1.0 / judged[draft + 1u].draft_mass;
#if RULE == kseq
  let p_scale = 1.0 / judged[l].target_mass;
  let low = offers[l * (step.k + 1u)].x;
  let part = (offers[l * (step.k + 1u)].y - low) / f32(${EDGES}u - 1u);
  var sums: array<f32, ${EDGES}>;
  for (var e = 0u; e < ${EDGES}u; e++) { sums[e] = 0.0; }
  for (var t = start; t < end; t++) {
    let target_ = p[p_row + t] * p_scale;
    let drafted = q[q_row + t] * q_scale;
    for (var e = 0u; e < ${EDGES}u; e++) { sums[e] += max(target_ - (low + part * f32(e)) * drafted, 0.0); }
  }
  for (var e = 0u; e < ${EDGES}u; e++) { left[i * ${EDGES}u + e] = sums[e]; }
#else
#if RULE == block
  let scales = vec2<f32>(reach_of(l), 1.0);
#else
  let scales = offer_of(l, step.depth) + vec2<f32>(0.0, taken_by(l, step.depth));
#endif
  let p_scale = scales.x / judged[l].target_mass;
  var sum = 0.0;
  for (var t = start; t < end; t++) {
    sum += max(p[p_row + t] * p_scale - q[q_row + t] * q_scale * scales.y, 0.0);
  }
  left[i] = sum;
#endif
}
