// what: as matmul.wgsl; the terms of a sum are shared by LANES invocations
// in: as matmul.wgsl, with w in panels of one lane: [N/columns, K/4] of blocks
// constants: those of matmul.wgsl; LANES, a power of two; SUMS = ROWS * (sums of a row); SUBGROUP (lanes are one subgroup's first)
// share: ROWS rows of COLUMNS columns; lane j takes groups j, j + LANES, ... of four terms (GROUPS of them at a time; INT8: blocks of 32)
// source: own; lanes are merged two by two, then pairs of neighbours and so on: with subgroups and without, the same additions
#if SUBGROUP
enable subgroups;
#endif
#include "matmul_bindings.wgsl"
#include "matmul_output.wgsl"
#if !SUBGROUP
var<workgroup> partial: array<f32, ${SUMS} * ${LANES}>;
#endif

#if SUBGROUP
fn merged(own: f32) -> f32 {
  var sum = own;
#for s in 0..STEPS
  sum += subgroupShuffleXor(sum, 1u << ${s}u);
#endfor
  return sum;
}
#endif

@compute @workgroup_size(${LANES})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
#if SUBGROUP
        @builtin(subgroup_invocation_id) lane: u32) {
#else
        @builtin(local_invocation_index) lane: u32) {
#endif
  let column_groups = (dims.n + ${COLUMNS}u - 1u) / ${COLUMNS}u;
  let index = group.y * groups.x + group.x;
  let first_row = (index / column_groups) * ${ROWS}u;
  if (first_row >= step.num_rows) { return; }
  let panel = index % column_groups;
  let first_column = panel * ${COLUMNS}u;
  let k4 = dims.k4;
  let start = panel * (k4 / ${GROUPS}u);
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
  var total${m} = 0.0;
#if NORMED
  for (var g = lane; g < dims.square_groups; g += ${LANES}u) {
    total${m} += dot(squares[row${m} * dims.square_groups + g], vec4<f32>(1.0));
  }
#endif
#endfor
#if INT8
  for (var k = lane * 8u; k < k4; k += ${LANES}u * 8u) {
    let at = start + k / ${GROUPS}u;
    let block_scales = scales[panel * (k4 / 8u) + k / 8u];
#include "matmul_terms_int8.wgsl"
  }
#else
  for (var k = lane * ${GROUPS}u; k < k4; k += ${LANES}u * ${GROUPS}u) {
    let at = start + k / ${GROUPS}u;
#if QUANTISED
    let block_scales = scales[panel * (k4 / ${SCALE_GROUPS}u) + k / ${SCALE_GROUPS}u];
#endif
#include "matmul_terms.wgsl"
  }
#endif
#if SUBGROUP
#for m in 0..ROWS
#for n in 0..COLUMNS
  a${m}_${n} = merged(a${m}_${n});
#if GATED
  b${m}_${n} = merged(b${m}_${n});
#endif
#endfor
#if NORMED
  total${m} = merged(total${m});
#endif
#endfor
#else
  var next = lane;
#for m in 0..ROWS
#for n in 0..COLUMNS
  partial[next] = a${m}_${n};
  next += ${LANES}u;
#if GATED
  partial[next] = b${m}_${n};
  next += ${LANES}u;
#endif
#endfor
#if NORMED
  partial[next] = total${m};
  next += ${LANES}u;
#endif
#endfor
  for (var half = 1u; half < ${LANES}u; half *= 2u) {
    workgroupBarrier();
    for (var i = lane * 2u * half; i < ${SUMS}u * ${LANES}u; i += ${LANES}u * 2u * half) {
      partial[i] += partial[i + half];
    }
  }
  workgroupBarrier();
  next = 0u;
#for m in 0..ROWS
#for n in 0..COLUMNS
  a${m}_${n} = partial[next];
  next += ${LANES}u;
#if GATED
  b${m}_${n} = partial[next];
  next += ${LANES}u;
#endif
#endfor
#if NORMED
  total${m} = partial[next];
  next += ${LANES}u;
#endif
#endfor
#endif
#for m in 0..ROWS
  if (lane == ${m}u % ${LANES}u && first_row + ${m}u < step.num_rows) {
    var scale = 1.0;
#if NORMED
    scale = inverse_root(total${m});
#endif
    var square = 0.0;
#for n in 0..COLUMNS
    if (first_column + ${n}u < dims.n) {
#if GATED
      square += store(first_row + ${m}u, first_column + ${n}u, a${m}_${n}, b${m}_${n}, scale);
#else
      square += store(first_row + ${m}u, first_column + ${n}u, a${m}_${n}, 0.0, scale);
#endif
    }
#endfor
#if FEEDS
    squares[(first_row + ${m}u) * dims.square_groups * 4u + panel] = square;
#endif
  }
#endfor
}
