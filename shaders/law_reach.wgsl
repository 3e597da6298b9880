// what: P_row of a chain: P_0 = 1, P_i = min(1, P_(i-1) p(x_i) / q(x_i)), what is left of the drafts' joint ratio
// in: judged [L]
// constants: none
// share: -
// source: arXiv 2403.10444
fn reach_of(row: u32) -> f32 {
  var reach = 1.0;
  for (var i = 1u; i <= row; i++) { reach = min(1.0, reach * likelihood_of(i) / drafted_of(i)); }
  return reach;
}
