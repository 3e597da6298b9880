// what: what the law kernels know of a row of a round: the law behind it, and the draft that it reads in both laws
// in: judged [L], inputs (parents by logit row at step.parents), step.k (chains of drafts: draft d K + c is the one of depth d in
//     chain c, and logit row i + 1 reads draft i)
// constants: none
// share: -
// source: own
struct Judged {
  // Mass and entropy (in nats) of the target's law behind this row.
  target_mass: f32,
  entropy: f32,
  // This row's draft: its weight in the target's law behind its parent, and in the law it was drawn from, of this mass.
  target_weight: f32,
  draft_weight: f32,
  draft_mass: f32,
}

// p of the draft that `row` reads.
fn likelihood_of(row: u32) -> f32 {
  return judged[row].target_weight / judged[inputs[step.parents + row]].target_mass;
}

// q of the draft that `row` reads.
fn drafted_of(row: u32) -> f32 {
  return judged[row].draft_weight / judged[row].draft_mass;
}

// The first draft behind a row of chains; there is none where it isn't below the number of drafts.
fn draft_behind(row: u32) -> u32 {
  return select(row + step.k - 1u, 0u, row == 0u);
}
