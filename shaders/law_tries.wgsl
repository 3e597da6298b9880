// what: of recursive rejection: what tries that failed leave of a row's laws. Behind j of them the target's law is
//     max(s_j p - t_j q, 0), and the draft's is q times `taken_by`, without the tokens that failed if drafts are DISTINCT
// in: offers [L, K + 1] of (s, t), judged [L]
// constants: DISTINCT
// share: -
// source: own; max(max(s p - t q, 0) - r q, 0) = max(s p - (t + r) q, 0), and a token that failed has nothing left
fn offer_of(row: u32, tries: u32) -> vec2<f32> {
  if (tries == 0u) { return vec2<f32>(1.0, 0.0); }
  return offers[row * (step.k + 1u) + tries];
}

// The scale of q in the law that the try behind `tries` others is drawn from.
fn taken_by(row: u32, tries: u32) -> f32 {
#if DISTINCT
  let chains = agreeing(row);
  let first = draft_behind(row) + 1u;
  var failed = 0u;
  var rest = 1.0;
  for (var c = 0u; c < step.k && failed < tries; c++) {
    if ((chains & (1u << c)) != 0u) { rest -= drafted_of(first + c); failed++; }
  }
  return 1.0 / max(rest, 1e-9);
#else
  return 1.0;
#endif
}
