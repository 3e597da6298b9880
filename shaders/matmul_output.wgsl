// what: what a matmul kernel does with its sums: root mean square, bias, a low-rank product of gated rows, activation, soft cap, residual, and
//     what the next norm needs
// in: as matmul.wgsl says
// constants: those of matmul.wgsl
// share: -
// source: own; in functions, so that every kernel of a class rounds in the same places
#if ACTIVATION != none
#include "activation.wgsl"
#endif
#if CAPPED
#include "soft_cap.wgsl"
#endif

// The row of x behind row `m` of y, which may be one past the last.
fn source_row(m: u32) -> u32 {
  let row = min(m, step.num_rows - 1u);
#if GATHER
  return inputs[step.rows_list + row];
#else
  return row;
#endif
}

#if NORMED
fn inverse_root(total: f32) -> f32 { return 1.0 / sqrt(total / dims.size + dims.eps); }
#endif

// Stores column n of row m and returns its square, if somebody needs it. `up` counts if GATED, `scale` if NORMED.
fn store(m: u32, n: u32, sum: f32, up: f32, scale: f32) -> f32 {
  let at = m * dims.y_stride + n;
  var value = sum;
#if NORMED
  value *= scale;
#endif
#if BIAS
  value += bias[n];
#endif
#if DELTA
  let gated_at = (m - step.first_gated) * (dims.n + dims.up_row) + n;
  if (m >= step.first_gated) { value += delta[gated_at]; }
#endif
#if GATED
  var other = up;
#if NORMED
  other *= scale;
#endif
#if BIAS
  other += bias[n + dims.up_row];
#endif
#if DELTA
  if (m >= step.first_gated) { other += delta[gated_at + dims.up_row]; }
#endif
  value = activate(value) * other;
#else
#if ACTIVATION != none
  value = activate(value);
#endif
#endif
#if CAPPED
  value = soft_cap(value, dims.soft_cap);
#endif
#if ADD
  value += y[at];
#endif
  y[at] = value;
#if FEEDS
  scaled[at] = value * gain[n];
#endif
  return value * value;
}
