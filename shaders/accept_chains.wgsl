// what: walks down K chains: at each depth those that agree with what is accepted are tried in turn, until one passes
// in: rows [M], inputs (row list, parents), judged [L], results (the verdict: accepted and path), outcome, offers [L, K + 1] (kseq,
//     recursive)
// constants: RULE = rejection (of one chain) | kseq | recursive, DISTINCT (recursive)
// share: one invocation does all
// source: arXiv 2211.17192 (u < p / q); arXiv 2310.15141 (u < p / (t q)); arXiv 2305.09781 (u < what is left of p, by q)
#include "rows_records.wgsl"
#include "select_step.wgsl"
#include "verdict_record.wgsl"
#include "noise.wgsl"
#include "law_tests.wgsl"
#include "law_outcome.wgsl"
#include "law_chains.wgsl"
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> inputs: array<u32>;
@group(0) @binding(3) var<storage, read> judged: array<Judged>;
@group(0) @binding(4) var<storage, read_write> results: array<u32>;
@group(0) @binding(5) var<storage, read_write> outcome: Outcome;
#if RULE != rejection
@group(0) @binding(6) var<storage, read> offers: array<vec2<f32>>;
#endif
#include "law_judged.wgsl"
#if RULE == recursive
#include "law_tries.wgsl"
#endif

// The probability that the draft that `row` reads is accepted behind `node`, once `tries` others have failed.
fn passes(node: u32, row: u32, tries: u32) -> f32 {
  let ratio = likelihood_of(row) / drafted_of(row);
#if RULE == rejection
  return ratio;
#else
#if RULE == kseq
  return ratio / offers[node * (step.k + 1u)].y;
#else
  let offer = offer_of(node, tries);
  return (offer.x * ratio - offer.y) / taken_by(node, tries);
#endif
#endif
}

// What is left when all `tries` behind `node` have failed.
fn residual_behind(node: u32, tries: u32) -> Outcome {
#if RULE == rejection
  return Outcome(node, 1u, 1.0, 1.0, 0.0);
#else
#if RULE == kseq
  // p - min(q, p / t) s, with s the share of accepted drafts among the k that pass at this scale.
  let scale = offers[node * (step.k + 1u)].y;
  let single = offers[node * (step.k + 1u) + 1u].x;
  let share = select(0.0, (1.0 - pow(1.0 - single, f32(tries))) / single, single > 0.0);
  return Outcome(node, 1u, 1.0, share, 1.0 - share / scale);
#else
  let offer = offer_of(node, tries);
  return Outcome(node, 1u, offer.x, offer.y, 0.0);
#endif
#endif
}

@compute @workgroup_size(1)
fn main() {
  var chains = tried(0u);
  var node = 0u;
  var accepted = 0u;
  outcome = Outcome(0u, 0u, 1.0, 1.0, 0.0);
  // The first row of this depth.
  var first = 1u;
  while (first < step.num_rows) {
    var tries = 0u;
    var found = 0u;
    for (var c = 0u; c < step.k && found == 0u; c++) {
      if ((chains & (1u << c)) == 0u) { continue; }
#if RULE == recursive
      if (left_of_draft(node, tries) < LEAST_LEFT) { break; }
#endif
      if (chance_at(accepted, tries) < passes(node, first + c, tries)) { found = first + c; }
      tries++;
    }
    if (found == 0u) {
      outcome = residual_behind(node, tries);
      break;
    }
    // Of the chains with this token, any stands for all: the first.
    chains = tried(found);
    node = first + firstTrailingBit(chains);
    accepted++;
    outcome.row = node;
    first += step.k;
  }
  results[verdict_at()] = accepted;
  results[path_at()] = 0u;
  for (var i = 1u; i <= accepted; i++) { results[path_at() + i] = 1u + (i - 1u) * step.k + (node - 1u) % step.k; }
}
