// what: the verdict's record: the accepted drafts of a chain, then the token drawn from the residual or, behind all of
//     them, from the target's law
// in: rows [M], inputs (row list), logits [L, V], best [chunks], results: select records at step.result, then the verdict,
//     of which the number of accepted drafts is there
// constants: none
// share: one invocation does all
// source: own
#include "rows_records.wgsl"
#include "select_step.wgsl"
#include "verdict_record.wgsl"
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> inputs: array<u32>;
@group(0) @binding(3) var<storage, read> logits: array<f32>;
@group(0) @binding(4) var<storage, read> best: array<vec2<u32>>;
@group(0) @binding(5) var<storage, read_write> results: array<u32>;

@compute @workgroup_size(1)
fn main() {
  let n = step.num_rows;
  let out = verdict_at();
  let emitted = emitted_at();
  let path = path_at();
  let accepted = results[out];
  // Drawn by autoregressive's own noise: the token behind all drafts, and the stand-in for a residual that rounding emptied.
  var token = results[step.result + accepted * 2u];
  if (accepted + 1u < n) {
    var top = -1e30;
    for (var c = 0u; c < step.num_chunks; c++) {
      if (bitcast<f32>(best[c].x) > top) { top = bitcast<f32>(best[c].x); token = best[c].y; }
    }
  }
  for (var i = 1u; i < n; i++) { results[drafts_at() + i - 1u] = rows[inputs[step.rows_list + i]].token; }
  for (var i = 0u; i <= accepted; i++) {
    var written = token;
    if (i < accepted) { written = results[drafts_at() + i]; }
    let log_sum = bitcast<f32>(results[step.result + n * 2u + i * 2u + 1u]);
    results[emitted + i * 2u] = written;
    results[emitted + i * 2u + 1u] = bitcast<u32>(logits[i * step.vocab + written] - log_sum);
    results[path + i] = i;
  }
  results[out + 1u] = token;
  results[out + 2u] = rows[inputs[step.rows_list + accepted]].token;
  results[out + 3u] = n;
}
