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

// The share of q that is left for the try behind `tries` others.
fn left_of_draft(row: u32, tries: u32) -> f32 {
#if DISTINCT
  let chains = tried(row);
  // The first row of the next depth.
  let first = select(row + step.k - (row - 1u) % step.k, 1u, row == 0u);
  var failed = 0u;
  var rest = 1.0;
  for (var c = 0u; c < step.k && failed < tries; c++) {
    if ((chains & (1u << c)) != 0u) { rest -= drafted_of(first + c); failed++; }
  }
  return rest;
#else
  return 1.0;
#endif
}

// Drafts are tried while at least this share of the law they were drawn from is left: float32 doesn't resolve less.
const LEAST_LEFT: f32 = 0.0009765625;

// The scale of q in the law that the try behind `tries` others is drawn from.
fn taken_by(row: u32, tries: u32) -> f32 {
  return 1.0 / max(left_of_draft(row, tries), LEAST_LEFT);
}
