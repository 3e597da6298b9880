// what: y[m][n] = sum_k x[m][k] w[n][k] (+ bias[n]); ADD: y += that; GATED: y = activate(gate n) * (up n); NORMED: x rows are taken
//     over their root mean square; FEEDS: also stores y gain and the squares of y, for the NORMED products that follow
// in: x [M, K], w in panels [., K/4, LANES] of blocks (WEIGHT storage), y [M, N], bias [N, or N gate and N up], squares [M, panels LANES],
//     scales in panels of blocks of 32 terms (QUANTISED), gain [N], scaled [M, N], inputs (GATHER: x rows from step.rows_list on)
// constants: ROWS, COLUMNS (of a block; GATED: of gate, then of up), PARTS (panels a workgroup takes), WEIGHT, GROUPS, QUANTISED, BIAS, ADD, GATED, ACTIVATION,
//     NORMED, GATHER, FEEDS, …_AT (bindings of what is optional)
// share: ROWS rows of PARTS * COLUMNS * WORKGROUP_SIZE columns; lane j takes columns j, j + WORKGROUP_SIZE, ...
// source: own; every element sums its k in one invocation and one order, so its bits don't depend on M or the tile
#include "rows.wgsl"
#include "weights.wgsl"
#if GATED
#include "activation.wgsl"
#endif
struct Dims { n: u32, k4: u32, y_stride: u32, up_row: u32, square_groups: u32, size: f32, eps: f32 }
struct Block {
#for n in 0..COLUMNS
  w${n}: Weight,
#endfor
#if GATED
#for n in 0..COLUMNS
  u${n}: Weight,
#endfor
#endif
}
#if QUANTISED
struct Scales {
#for n in 0..COLUMNS
  w${n}: f32,
#endfor
#if GATED
#for n in 0..COLUMNS
  u${n}: f32,
#endfor
#endif
}
@group(0) @binding(${SCALES_AT}) var<storage, read> scales: array<Scales>;
#endif
@group(0) @binding(1) var<uniform> dims: Dims;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> w: array<Block>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
#if BIAS
@group(0) @binding(${BIAS_AT}) var<storage, read> bias: array<f32>;
#endif
#if NORMED
@group(0) @binding(${SQUARES_AT}) var<storage, read> squares: array<vec4<f32>>;
#endif
#if GATHER
@group(0) @binding(${INPUTS_AT}) var<storage, read> inputs: array<u32>;
#endif
#if FEEDS
@group(0) @binding(${SQUARES_AT}) var<storage, read_write> squares: array<f32>;
@group(0) @binding(${GAIN_AT}) var<storage, read> gain: array<f32>;
@group(0) @binding(${SCALED_AT}) var<storage, read_write> scaled: array<f32>;
#endif

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let span = ${WORKGROUP_SIZE}u * ${COLUMNS}u * ${PARTS}u;
  let column_groups = (dims.n + span - 1u) / span;
  let index = group.y * groups.x + group.x;
  let first_row = (index / column_groups) * ${ROWS}u;
  if (first_row >= step.num_rows) { return; }
  let part = (index % column_groups) * ${PARTS}u;
  let first_column = part * ${COLUMNS}u * ${WORKGROUP_SIZE}u + lane;
  let last_row = step.num_rows - 1u;
  // Uniforms that a loop reads are read once: some adapters load them anew each time.
  let k4 = dims.k4;
  let last_panel = (dims.n - 1u) / (${COLUMNS}u * ${WORKGROUP_SIZE}u);
#for t in 0..PARTS
  let panel${t} = min(part + ${t}u, last_panel);
  var at${t} = panel${t} * (k4 / ${GROUPS}u) * ${WORKGROUP_SIZE}u + lane;
#endfor
#for m in 0..ROWS
#if GATHER
  let row${m} = inputs[step.rows_list + min(first_row + ${m}u, last_row)];
#else
  let row${m} = min(first_row + ${m}u, last_row);
#endif
  let x${m} = row${m} * k4;
#for t in 0..PARTS
#for n in 0..COLUMNS
  var a${m}_${t}_${n} = 0.0;
#if GATED
  var b${m}_${t}_${n} = 0.0;
#endif
#endfor
#endfor
#endfor
#if QUANTISED
  for (var start = 0u; start < k4; start += 8u) {
#for t in 0..PARTS
  let scales${t} = scales[(panel${t} * (k4 / 8u) + start / 8u) * ${WORKGROUP_SIZE}u + lane];
#endfor
  for (var k = start; k < start + 8u; k += ${GROUPS}u) {
#else
  for (var k = 0u; k < k4; k++) {
#endif
#for g in 0..GROUPS
#for m in 0..ROWS
    let x${m}_${g} = x[x${m} + k + ${g}u];
#endfor
#endfor
#for t in 0..PARTS
#if ROWS == 1
    let block${t} = w[at${t}];
#else
    // With many sums alive, a whole block would push them out of the registers.
    let block${t} = &w[at${t}];
#endif
#for n in 0..COLUMNS
#for g in 0..GROUPS
#if QUANTISED
    let w${t}_${n}_${g} = widen_${g}(block${t}.w${n}) * scales${t}.w${n};
#else
    let w${t}_${n}_${g} = widen_${g}(block${t}.w${n});
#endif
#for m in 0..ROWS
    a${m}_${t}_${n} += dot(x${m}_${g}, w${t}_${n}_${g});
#endfor
#if GATED
#if QUANTISED
    let u${t}_${n}_${g} = widen_${g}(block${t}.u${n}) * scales${t}.u${n};
#else
    let u${t}_${n}_${g} = widen_${g}(block${t}.u${n});
#endif
#for m in 0..ROWS
    b${m}_${t}_${n} += dot(x${m}_${g}, u${t}_${n}_${g});
#endfor
#endif
#endfor
#endfor
#endfor
#for t in 0..PARTS
    at${t} += ${WORKGROUP_SIZE}u;
#endfor
  }
#if QUANTISED
  }
#endif
#for m in 0..ROWS
  if (first_row + ${m}u < step.num_rows) {
    let row = (first_row + ${m}u) * dims.y_stride;
#if NORMED
    var total${m} = vec4<f32>(0.0);
    for (var g = 0u; g < dims.square_groups; g++) { total${m} += squares[row${m} * dims.square_groups + g]; }
    let scale${m} = 1.0 / sqrt(dot(total${m}, vec4<f32>(1.0)) / dims.size + dims.eps);
#endif
#for t in 0..PARTS
#if FEEDS
    var square${t} = 0.0;
#endif
#for n in 0..COLUMNS
    let n${t}_${n} = first_column + (${t}u * ${COLUMNS}u + ${n}u) * ${WORKGROUP_SIZE}u;
    if (n${t}_${n} < dims.n) {
#if NORMED
      a${m}_${t}_${n} *= scale${m};
#if GATED
      b${m}_${t}_${n} *= scale${m};
#endif
#endif
#if BIAS
      a${m}_${t}_${n} += bias[n${t}_${n}];
#if GATED
      b${m}_${t}_${n} += bias[n${t}_${n} + dims.up_row];
#endif
#endif
#if GATED
      y[row + n${t}_${n}] = activate(a${m}_${t}_${n}) * b${m}_${t}_${n};
#else
#if ADD
      a${m}_${t}_${n} += y[row + n${t}_${n}];
#endif
      y[row + n${t}_${n}] = a${m}_${t}_${n};
#if FEEDS
      scaled[row + n${t}_${n}] = a${m}_${t}_${n} * gain[n${t}_${n}];
      square${t} += a${m}_${t}_${n} * a${m}_${t}_${n};
#endif
#endif
    }
#endfor
#if FEEDS
    if (part + ${t}u <= last_panel) {
      squares[((first_row + ${m}u) * (last_panel + 1u) + part + ${t}u) * ${WORKGROUP_SIZE}u + lane] = square${t};
    }
#endif
#endfor
  }
#endfor
}
