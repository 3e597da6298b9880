// what: the verdict's record behind the accepted path: the drafts on it, then the token of the residual or, where there is
//     none, the one that the target's law gave the path's last row
// in: rows [M], inputs (row list), logits [L, V], outcome, results: select records at step.result, then the verdict, of which
//     the number of accepted drafts and the path are there, best [chunks] (RESIDUAL)
// constants: RESIDUAL
// share: one invocation does all
// source: own
#include "rows_records.wgsl"
#include "select_step.wgsl"
#include "verdict_record.wgsl"
#include "law_outcome.wgsl"
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> inputs: array<u32>;
@group(0) @binding(3) var<storage, read> logits: array<f32>;
@group(0) @binding(4) var<storage, read_write> results: array<u32>;
#if RESIDUAL
@group(0) @binding(5) var<storage, read> outcome: Outcome;
@group(0) @binding(6) var<storage, read> best: array<vec2<u32>>;
#endif

@compute @workgroup_size(1)
fn main() {
  let n = step.num_rows;
  let path = path_at();
  let accepted = results[verdict_at()];
  let last = results[path + accepted];
  // Drawn by autoregressive's own noise; also the stand-in for a residual that rounding emptied.
  var token = results[step.result + last * 2u];
#if RESIDUAL
  if (outcome.is_residual != 0u) {
    var top = -1e30;
    for (var c = 0u; c < step.num_chunks; c++) {
      if (bitcast<f32>(best[c].x) > top) { top = bitcast<f32>(best[c].x); token = best[c].y; }
    }
  }
#endif
  for (var i = 1u; i < n; i++) { results[drafts_at() + i - 1u] = rows[inputs[step.rows_list + i]].token; }
  var bits = vec2<u32>(0u);
  for (var i = 0u; i <= accepted; i++) {
    let row = results[path + i];
    var written = token;
    if (i < accepted) { written = rows[inputs[step.rows_list + results[path + i + 1u]]].token; }
    if (i > 0u) { bits = with_bit(bits, row); }
    // Whatever was accepted on the way: a law that isn't finite says nothing.
    if (results[step.result + row * 2u] == NO_TOKEN) { token = NO_TOKEN; }
    let log_sum = bitcast<f32>(results[step.result + n * 2u + row * 2u + 1u]);
    results[logprobs_at() + i] = bitcast<u32>(logits[row * step.vocab + min(written, step.vocab - 1u)] - log_sum);
  }
  results[verdict_at() + 1u] = rows[inputs[step.rows_list + last]].token;
  results[last_at()] = token;
  results[last_at() + 1u] = bits.x;
  results[last_at() + 2u] = bits.y;
}
