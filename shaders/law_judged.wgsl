// what: what the law kernels know of a row of a round: the masses of both laws, and p(x) / q(x) of the draft x behind it
// in: judged [L]
// constants: RULE = rejection | block
// share: -
// source: own
struct Judged {
  target_mass: f32,
  draft_mass: f32,
  ratio: f32,
}

// What p is scaled by before q is taken off: 1, or block's P_i = min(1, P_(i-1) p(x_i) / q(x_i)).
fn scale_of(row: u32) -> f32 {
  var scale = 1.0;
#if RULE == block
  for (var i = 0u; i < row; i++) { scale = min(1.0, scale * judged[i].ratio); }
#endif
  return scale;
}
