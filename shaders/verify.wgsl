// what: walks from row 0 to the child whose token is the one drawn at its parent, until there is none
// in: rows [M], inputs (row list; parents by logit row at step.parents), results: select record at step.result: (token, logprob) [L] and 2 L words,
//     then the verdict
// constants: none
// share: one invocation does all (L <= 65)
// source: arXiv 2408.07978 (shared noise): a draft is accepted iff it is the token that the target draws with that noise
#include "rows_records.wgsl"
#include "select_step.wgsl"
#include "verdict_record.wgsl"
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> inputs: array<u32>;
@group(0) @binding(3) var<storage, read_write> results: array<u32>;

@compute @workgroup_size(1)
fn main() {
  let n = step.num_rows;
  let path = path_at();
  var bits = vec2<u32>(0u);
  for (var i = 1u; i < n; i++) { results[drafts_at() + i - 1u] = rows[inputs[step.rows_list + i]].token; }
  var at = 0u;
  var accepted = 0u;
  loop {
    let drawn = results[step.result + at * 2u];
    results[logprobs_at() + accepted] = results[step.result + at * 2u + 1u];
    results[path + accepted] = at;
    var child = 0u;
    for (var i = 1u; i < n && child == 0u; i++) {
      if (inputs[step.parents + i] == at && rows[inputs[step.rows_list + i]].token == drawn) { child = i; }
    }
    if (child == 0u) { break; }
    at = child;
    bits = with_bit(bits, at);
    accepted++;
  }
  results[verdict_at()] = accepted;
  results[verdict_at() + 1u] = rows[inputs[step.rows_list + at]].token;
  results[last_at()] = results[step.result + at * 2u];
  results[last_at() + 1u] = bits.x;
  results[last_at() + 2u] = bits.y;
}
