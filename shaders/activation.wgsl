// what: the activation function of a feed-forward block: x * sigmoid(x), exact GELU, GELU by tanh, or x where it is positive
// in: one value
// constants: ACTIVATION = silu | gelu | gelu_tanh | relu
// share: -
// source: arXiv 1606.08415, 1702.03118; erf by Abramowitz and Stegun 7.1.26 (absolute error 1.5e-7)
#if ACTIVATION == silu
// exp must not reach infinity, which WGSL leaves undefined.
fn activate(x: f32) -> f32 { return x / (1.0 + exp(min(-x, 80.0))); }
#endif
#if ACTIVATION == gelu
fn activate(x: f32) -> f32 {
  let z = abs(x) * 0.70710678118654752;
  let t = 1.0 / (1.0 + 0.3275911 * z);
  let poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  let erf_abs = 1.0 - poly * exp(-z * z);
  return 0.5 * x * (1.0 + select(-erf_abs, erf_abs, x >= 0.0));
}
#endif
#if ACTIVATION == gelu_tanh
fn activate(x: f32) -> f32 {
  let u = clamp(0.79788456080286536 * (x + 0.044715 * x * x * x), -15.0, 15.0);
  return 0.5 * x * (1.0 + tanh(u));
}
#endif
#if ACTIVATION == relu
// Not max, which may lose a NaN.
fn activate(x: f32) -> f32 { return select(x, 0.0, x < 0.0); }
#endif
