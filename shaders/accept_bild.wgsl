// what: the drafts of a chain, up to the first one that its drafter was unsure of, and up to one that the target finds too
//     unlikely and would not write itself
// in: rows [M], inputs (row list; at step.parents + L the word of each draft's log-probability), logits [L, V], results: select
//     records at step.result, then the verdict: accepted and path
// constants: LITERAL (only the first unlikely draft counts, even if the target would write it)
// share: one invocation does all
// source: Big Little Decoder, arXiv 2302.07863; its code is the LITERAL rule
#include "rows_records.wgsl"
#include "select_step.wgsl"
#include "verdict_record.wgsl"
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> inputs: array<u32>;
@group(0) @binding(3) var<storage, read> logits: array<f32>;
@group(0) @binding(4) var<storage, read_write> results: array<u32>;

@compute @workgroup_size(1)
fn main() {
  let n = step.num_rows;
  var accepted = 0u;
  for (; accepted + 1u < n; accepted++) {
    if (bitcast<f32>(results[inputs[step.parents + n + accepted]]) < step.log_threshold) { break; }
  }
  for (var i = 0u; i < accepted; i++) {
    let token = rows[inputs[step.rows_list + i + 1u]].token;
    let log_sum = bitcast<f32>(results[step.result + n * 2u + i * 2u + 1u]);
    if (log_sum - logits[i * step.vocab + min(token, step.vocab - 1u)] <= step.threshold) { continue; }
    if (results[step.result + i * 2u] != token) { accepted = i; }
#if LITERAL
    break;
#endif
  }
  results[verdict_at()] = accepted;
  for (var i = 0u; i <= accepted; i++) { results[path_at() + i] = i; }
}
