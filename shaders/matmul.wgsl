// what: y[m][n] = sum_k x[m][k] w[n][k] (+ bias[n]); ADD: y += that; GATED: y = activate(gate n) * (up n)
// in: x [M, K], w in panels [N / size, K/4, columns, lanes] of WEIGHT storage, y [M, N], bias [N, or N gate and N up]
// constants: ROWS x COLUMNS register tile, WEIGHT, BIAS, ADD, GATED (COLUMNS of gate, then COLUMNS of up), ACTIVATION
// share: one panel (WORKGROUP_SIZE * COLUMNS columns; lane j takes columns j, j + WORKGROUP_SIZE, ...) of ROWS rows
// source: own; every element sums its k in one invocation and one order, so its bits don't depend on M or the tile
#include "rows.wgsl"
#include "weights.wgsl"
#if GATED
#include "activation.wgsl"
#endif
struct Dims { n: u32, k4: u32, y_stride: u32, up_row: u32 }
@group(0) @binding(1) var<uniform> dims: Dims;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> w: array<Weight4>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
#if BIAS
@group(0) @binding(5) var<storage, read> bias: array<f32>;
#endif

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let span = ${WORKGROUP_SIZE}u * ${COLUMNS}u;
  let column_groups = (dims.n + span - 1u) / span;
  let index = group.y * groups.x + group.x;
  let first_row = (index / column_groups) * ${ROWS}u;
  if (first_row >= step.num_rows) { return; }
  let first_column = (index % column_groups) * span + lane;
  let last_row = step.num_rows - 1u;
  // Uniforms that a loop reads are read once: some adapters load them anew each time.
  let k4 = dims.k4;
#for m in 0..ROWS
  let x${m} = min(first_row + ${m}u, last_row) * k4;
#endfor
#if GATED
  let size = span * 2u;
#else
  let size = span;
#endif
  var at = (index % column_groups) * k4 * size + lane;
#for m in 0..ROWS
#for n in 0..COLUMNS
  var a${m}_${n} = 0.0;
#if GATED
  var b${m}_${n} = 0.0;
#endif
#endfor
#endfor
  for (var k = 0u; k < k4; k++) {
#for m in 0..ROWS
    let xv${m} = x[x${m} + k];
#endfor
#for n in 0..COLUMNS
    let wv${n} = widen4(w[at + ${n}u * ${WORKGROUP_SIZE}u]);
#for m in 0..ROWS
    a${m}_${n} += dot(xv${m}, wv${n});
#endfor
#if GATED
    let uv${n} = widen4(w[at + span + ${n}u * ${WORKGROUP_SIZE}u]);
#for m in 0..ROWS
    b${m}_${n} += dot(xv${m}, uv${n});
#endfor
#endif
#endfor
    at += size;
  }
#for m in 0..ROWS
  if (first_row + ${m}u < step.num_rows) {
    let at${m} = (first_row + ${m}u) * dims.y_stride;
#for n in 0..COLUMNS
    let n${n}_${m} = first_column + ${n}u * ${WORKGROUP_SIZE}u;
    if (n${n}_${m} < dims.n) {
#if BIAS
      a${m}_${n} += bias[n${n}_${m}];
#if GATED
      b${m}_${n} += bias[n${n}_${m} + dims.up_row];
#endif
#endif
#if GATED
      y[at${m} + n${n}_${m}] = activate(a${m}_${n}) * b${m}_${n};
#else
#if ADD
      y[at${m} + n${n}_${m}] += a${m}_${n};
#else
      y[at${m} + n${n}_${m}] = a${m}_${n};
#endif
#endif
    }
#endfor
  }
#endfor
}
