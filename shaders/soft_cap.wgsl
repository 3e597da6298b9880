// what: cap tanh(s / cap)
// in: a score or logit, and the bound that it stays within
// constants: none
// share: -
// source: own; tanh by exp(-2 |x|), whose error WGSL bounds more closely than that of its tanh, and which keeps a NaN
fn soft_cap(s: f32, cap: f32) -> f32 {
  let e = exp(-2.0 * abs(s) / cap);
  return sign(s) * cap * ((1.0 - e) / (1.0 + e));
}
