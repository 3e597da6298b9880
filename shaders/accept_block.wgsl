// what: the longest beginning of a chain that passes a joint test
// in: rows [M], inputs (row list, parents), judged [L], left [L, chunks], results (the verdict: accepted and path), outcome
// constants: none
// share: one invocation does all
// source: arXiv 2403.10444 (h_i = Z_i / (Z_i + 1 - P_i), h of the last is P)
#include "rows_records.wgsl"
#include "select_step.wgsl"
#include "verdict_record.wgsl"
#include "noise.wgsl"
#include "law_tests.wgsl"
#include "law_outcome.wgsl"
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> inputs: array<u32>;
@group(0) @binding(3) var<storage, read> judged: array<Judged>;
@group(0) @binding(4) var<storage, read> left: array<f32>;
@group(0) @binding(5) var<storage, read_write> results: array<u32>;
@group(0) @binding(6) var<storage, read_write> outcome: Outcome;
#include "law_judged.wgsl"
#include "law_reach.wgsl"

@compute @workgroup_size(1)
fn main() {
  let num_drafts = step.num_rows - 1u;
  var accepted = 0u;
  for (var length = 1u; length <= num_drafts; length++) {
    let reach = reach_of(length);
    var passes = reach;
    if (length < num_drafts) {
      var sum = 0.0;
      for (var c = length * step.num_chunks; c < (length + 1u) * step.num_chunks; c++) { sum += left[c]; }
      let whole = sum + 1.0 - reach;
      // Nothing left and nothing lost: the laws are equal here.
      passes = select(1.0, sum / whole, whole > 0.0);
    }
    if (chance_at(length - 1u, 0u) < passes) { accepted = length; }
  }
  results[verdict_at()] = accepted;
  for (var i = 0u; i <= accepted; i++) { results[path_at() + i] = i; }
  outcome = Outcome(accepted, u32(accepted < num_drafts), reach_of(accepted), 1.0, 0.0);
}
