// what: how many drafts of a chain are accepted: for rejection up to the first that fails its own test, for block the
//     longest beginning that passes a joint one
// in: rows [M], inputs (row list), judged [L], left [L, chunks] (block), results (the verdict)
// constants: RULE = rejection | block
// share: one invocation does all
// source: arXiv 2211.17192 (u < p / q); arXiv 2403.10444 (h_i = Z_i / (Z_i + 1 - P_i), h of the last is P)
#include "rows_records.wgsl"
#include "select_step.wgsl"
#include "verdict_record.wgsl"
#include "noise.wgsl"
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> inputs: array<u32>;
@group(0) @binding(3) var<storage, read> judged: array<Judged>;
@group(0) @binding(4) var<storage, read_write> results: array<u32>;
#if RULE == block
@group(0) @binding(5) var<storage, read> left: array<f32>;
#endif
#include "law_judged.wgsl"

// The test of the draft at this depth, or of the beginning that ends with it.
fn chance_at(depth: u32) -> f32 {
  let first = rows[inputs[step.rows_list]].position + step.fills_next;
  return uniform_variate(step.seed, PURPOSE_ACCEPT, first + depth, first * 64u, 0u);
}

@compute @workgroup_size(1)
fn main() {
  let num_drafts = step.num_rows - 1u;
  var accepted = 0u;
#if RULE == rejection
  while (accepted < num_drafts && chance_at(accepted) < judged[accepted].ratio) { accepted++; }
#else
  var scale = 1.0;
  for (var length = 1u; length <= num_drafts; length++) {
    scale = min(1.0, scale * judged[length - 1u].ratio);
    var passes = scale;
    if (length < num_drafts) {
      var sum = 0.0;
      for (var c = length * step.num_chunks; c < (length + 1u) * step.num_chunks; c++) { sum += left[c]; }
      let whole = sum + 1.0 - scale;
      // Nothing left and nothing lost: the laws are equal here.
      passes = select(1.0, sum / whole, whole > 0.0);
    }
    if (chance_at(length - 1u) < passes) { accepted = length; }
  }
#endif
  results[verdict_at()] = accepted;
}
