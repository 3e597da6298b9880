// what: which rows of the mask's token (of any, where that is NONE) to commit: the `quota` first by order, or all with log-probability >= threshold, else the first
// in: rows [M], inputs (row list), results: select record at step.result: (token, logprob) [L] and 2 L words, then (token, logprob, commit) [L] and the tokens that rows have afterwards [L]
// constants: none
// share: one invocation does all (L <= 64)
// source: LLaDA (low-confidence order), Fast-dLLM (threshold); order 0 confidence, 1 random (noise, smallest E first), 2 left to right
#include "rows_records.wgsl"
#include "select_step.wgsl"
#include "noise.wgsl"
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> inputs: array<u32>;
@group(0) @binding(3) var<storage, read_write> results: array<u32>;

fn is_candidate(l: u32) -> bool {
  return step.mask_token == NONE || rows[inputs[step.rows_list + l]].token == step.mask_token;
}

fn rank_key(l: u32) -> f32 {
  let position = rows[inputs[step.rows_list + l]].position;
  switch (step.order) {
    case 1u: { return -exponential(step.seed, PURPOSE_ORDER, position, step.draw, 0u); }
    case 2u: { return -f32(position); }
    default: { return bitcast<f32>(results[step.result + l * 2u + 1u]); }
  }
}

@compute @workgroup_size(1)
fn main() {
  let n = step.num_rows;
  let out = step.result + n * 4u;
  var is_any_sure = false;
  var num_candidates = 0u;
  for (var l = 0u; l < n; l++) {
    results[out + l * 3u] = results[step.result + l * 2u];
    results[out + l * 3u + 1u] = results[step.result + l * 2u + 1u];
    let may_open = is_candidate(l);
    num_candidates += select(0u, 1u, may_open);
    let is_sure = may_open && step.quota == 0u && bitcast<f32>(results[step.result + l * 2u + 1u]) >= step.log_threshold;
    results[out + l * 3u + 2u] = select(0u, 1u, is_sure);
    is_any_sure = is_any_sure || is_sure;
  }
  let num_ordered = select(min(max(step.quota, 1u), num_candidates), 0u, is_any_sure);
  for (var count = 0u; count < num_ordered; count++) {
    var best = -2e30;
    var best_row = n;
    for (var l = 0u; l < n; l++) {
      let key = rank_key(l);
      if (is_candidate(l) && results[out + l * 3u + 2u] == 0u && key > best) { best = key; best_row = l; }
    }
    if (best_row < n) { results[out + best_row * 3u + 2u] = 1u; }
  }
  for (var l = 0u; l < n; l++) {
    let is_committed = results[out + l * 3u + 2u] == 1u;
    results[out + n * 3u + l] = select(rows[inputs[step.rows_list + l]].token, results[out + l * 3u], is_committed);
  }
}
