// what: the longest path of drafts x with p(x) > min(threshold, alpha exp(-H(p))), of the longest the likeliest
// in: inputs (parents), judged [L], results (the verdict: accepted and path)
// constants: none
// share: one invocation does all (L <= 65)
// source: Medusa, arXiv 2401.10774 (evaluate_posterior)
#include "rows_records.wgsl"
#include "select_step.wgsl"
#include "verdict_record.wgsl"
@group(0) @binding(1) var<storage, read> inputs: array<u32>;
@group(0) @binding(2) var<storage, read> judged: array<Judged>;
@group(0) @binding(3) var<storage, read_write> results: array<u32>;
#include "law_judged.wgsl"

const MAX_ROWS: u32 = 65u;

@compute @workgroup_size(1)
fn main() {
  // Of the path that ends with a row: its drafts, none for one that isn't typical, and their log-likelihood.
  var lengths: array<u32, MAX_ROWS>;
  var scores: array<f32, MAX_ROWS>;
  lengths[0] = 0u;
  scores[0] = 0.0;
  var best = 0u;
  for (var row = 1u; row < step.num_rows; row++) {
    let parent = inputs[step.parents + row];
    lengths[row] = 0u;
    let p = likelihood_of(row);
    let limit = min(step.threshold, step.alpha * exp(-judged[parent].entropy));
    if ((parent > 0u && lengths[parent] == 0u) || p <= limit) { continue; }
    lengths[row] = lengths[parent] + 1u;
    scores[row] = scores[parent] + log(p);
    let is_longer = lengths[row] > lengths[best];
    if (is_longer || (lengths[row] == lengths[best] && scores[row] > scores[best])) { best = row; }
  }
  results[verdict_at()] = lengths[best];
  for (var i = lengths[best]; i > 0u; i--) {
    results[path_at() + i] = best;
    best = inputs[step.parents + best];
  }
  results[path_at()] = 0u;
}
