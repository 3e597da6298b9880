// what: takes the candidate of the largest (1 - alpha) p - alpha (its largest cosine), the first of equal ones; and the squared length
//     of the sum of all states with its own
// in: parts [candidates, chunks], states [context, C], sums [C] of the kept rows, results: candidates as (token, log p) from word
//     `parents` on, select records and lists [candidates, k, 2] of their rows at step.result; behind them what is written: 1 (rows
//     kept), token, 0, row; token, log p, score, squared length; the row's list [k, 2]. NO_TOKEN where a row's logits aren't finite
//     step: num_rows candidates, quota kept rows, num_chunks, width = groups of four columns, k, alpha
// constants: LANES (a power of two), WORKGROUP_SIZE (LANES)
// share: one workgroup
// source: arXiv 2202.06417
#include "select_step.wgsl"
#include "lanes.wgsl"
@group(0) @binding(1) var<storage, read> parts: array<f32>;
@group(0) @binding(2) var<storage, read> states: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> sums: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> results: array<u32>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(local_invocation_index) lane: u32) {
  var best = 0u;
  var best_score = -1e30;
  var is_finite = true;
  for (var c = 0u; c < step.num_rows; c++) {
    var most = -2.0;
    for (var p = lane; p < step.num_chunks; p += ${LANES}u) { most = max(most, parts[c * step.num_chunks + p]); }
    let likeness = largest(most, lane);
    let probability = exp(bitcast<f32>(results[step.parents + c * 2u + 1u]));
    let score = (1.0 - step.alpha) * probability - step.alpha * likeness;
    if (score > best_score) { best_score = score; best = c; }
    is_finite = is_finite && results[step.result + c * 2u] != NO_TOKEN;
  }
  var squares = vec4<f32>(0.0);
  for (var c = lane; c < step.width; c += ${LANES}u) {
    let sum = sums[c] + states[(step.quota + best) * step.width + c];
    squares += sum * sum;
  }
  let squared_sum = total(squares, lane);
  if (lane != 0u) { return; }
  let lists = step.result + step.num_rows * 4u;
  let at = lists + step.num_rows * step.k * 2u;
  let token = select(NO_TOKEN, results[step.parents + best * 2u], is_finite);
  results[at] = 1u;
  results[at + 1u] = token;
  results[at + 2u] = 0u;
  results[at + 3u] = best;
  results[at + 4u] = token;
  results[at + 5u] = results[step.parents + best * 2u + 1u];
  results[at + 6u] = bitcast<u32>(best_score);
  results[at + 7u] = bitcast<u32>(squared_sum);
  for (var j = 0u; j < step.k * 2u; j++) { results[at + 8u + j] = results[lists + best * step.k * 2u + j]; }
}
