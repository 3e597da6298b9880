// what: y[m][n] = sum_k x[m][k] w[n][k] (+ bias[n]); ADD: y += that; GATED: y = activate(gate n) * (up n), without it an ACTIVATION is of y; NORMED: x rows are taken
//     over their root mean square; FEEDS: also stores y gain and the squares of y, for the NORMED products that follow; DELTA: the rows from step.first_gated on
//     get delta's before that
// in: x [M, K], w in panels [., K/4, LANES] of blocks (WEIGHT storage), y [M, N], bias [N, or N gate and N up], squares [M, panels LANES],
//     delta [M - first_gated, N, or N gate and N up], scales in panels of blocks of SCALE_GROUPS groups of four terms (QUANTISED), gain [N], scaled [M, N], inputs (GATHER: x rows from step.rows_list on)
// constants: ROWS, COLUMNS (of a block; GATED: of gate, then of up), WEIGHT, GROUPS, QUANTISED, MINS, SCALE_GROUPS (8 if INT8), HALF (products of four terms in f16), INT8 (x holds round_rows' blocks, in the order of y; then PACKED, WORDS, STRIDE), BIAS, DELTA, ADD, GATED, ACTIVATION,
//     NORMED, GATHER, FEEDS, …_AT (bindings of what is optional)
// share: ROWS rows of one panel of COLUMNS * WORKGROUP_SIZE columns; lane j takes columns j, j + WORKGROUP_SIZE, ...
// source: own; every element sums its k in one invocation and one order, so its bits don't depend on M or the tile
#include "matmul_bindings.wgsl"
#include "matmul_output.wgsl"

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let span = ${WORKGROUP_SIZE}u * ${COLUMNS}u;
  let num_panels = (dims.n + span - 1u) / span;
  let index = group.y * groups.x + group.x;
  let first_row = (index / num_panels) * ${ROWS}u;
  if (first_row >= step.num_rows) { return; }
  let panel = index % num_panels;
  let first_column = panel * span + lane;
  // Uniforms that a loop reads are read once: some adapters load them anew each time.
  let k4 = dims.k4;
  var at = panel * (k4 / ${GROUPS}u) * ${WORKGROUP_SIZE}u + lane;
#for m in 0..ROWS
  let row${m} = source_row(first_row + ${m}u);
#if INT8
  let x${m} = min(first_row + ${m}u, step.num_rows - 1u) * (k4 / 8u);
#else
  let x${m} = row${m} * k4;
#endif
#for n in 0..COLUMNS
  var a${m}_${n} = 0.0;
#if GATED
  var b${m}_${n} = 0.0;
#endif
#endfor
#endfor
#if INT8
  for (var k = 0u; k < k4; k += 8u) {
    let block_scales = scales[(panel * (k4 / 8u) + k / 8u) * ${WORKGROUP_SIZE}u + lane];
#include "matmul_terms_int8.wgsl"
    at += ${WORDS}u * ${WORKGROUP_SIZE}u;
  }
#else
#if QUANTISED
  for (var start = 0u; start < k4; start += ${SCALE_GROUPS}u) {
  let block_scales = scales[(panel * (k4 / ${SCALE_GROUPS}u) + start / ${SCALE_GROUPS}u) * ${WORKGROUP_SIZE}u + lane];
  for (var k = start; k < start + ${SCALE_GROUPS}u; k += ${GROUPS}u) {
#else
  for (var k = 0u; k < k4; k++) {
#endif
#include "matmul_terms.wgsl"
    at += ${WORKGROUP_SIZE}u;
  }
#if QUANTISED
  }
#endif
#endif
#for m in 0..ROWS
  if (first_row + ${m}u < step.num_rows) {
    var scale${m} = 1.0;
#if NORMED
    var total${m} = vec4<f32>(0.0);
    for (var g = 0u; g < dims.square_groups; g++) { total${m} += squares[row${m} * dims.square_groups + g]; }
    scale${m} = inverse_root(dot(total${m}, vec4<f32>(1.0)));
#endif
    var square${m} = 0.0;
#for n in 0..COLUMNS
    let n${m}_${n} = first_column + ${n}u * ${WORKGROUP_SIZE}u;
    if (n${m}_${n} < dims.n) {
#if GATED
      square${m} += store(first_row + ${m}u, n${m}_${n}, a${m}_${n}, b${m}_${n}, scale${m});
#else
      square${m} += store(first_row + ${m}u, n${m}_${n}, a${m}_${n}, 0.0, scale${m});
#endif
    }
#endfor
#if FEEDS
    squares[(first_row + ${m}u) * dims.square_groups * 4u + panel * ${WORKGROUP_SIZE}u + lane] = square${m};
#endif
  }
#endfor
}
