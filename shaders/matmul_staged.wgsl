// what: as matmul.wgsl, for many rows: x and w are staged in workgroup memory, so that a weight is read and widened once for 32 rows
// in: as matmul.wgsl
// constants: those of matmul.wgsl; ROWS (of an invocation), LANES (of a panel, 32), WIDTH (columns of a panel), UNITS (blocks of K at a time)
// share: 4 ROWS rows of one panel; invocation (i, j) of 16 x 4 takes raw columns i, i + 16, ... of rows j ROWS on
// source: own; the terms of a sum are added as in matmul.wgsl, so both give the same bits
#include "matmul_bindings.wgsl"
#include "matmul_output.wgsl"
var<workgroup> x_tile: array<vec4<f32>, ${ROWS} * 4 * 4>;
var<workgroup> w_tile: array<vec4<f32>, ${WIDTH} * 4>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let num_panels = (dims.n + ${LANES}u * ${COLUMNS}u - 1u) / (${LANES}u * ${COLUMNS}u);
  let index = group.y * groups.x + group.x;
  let first_row = (index / num_panels) * ${ROWS}u * 4u;
  if (first_row >= step.num_rows) { return; }
  let panel = index % num_panels;
  let k4 = dims.k4;
  let i = lane % 16u;
  let own_row = lane / 16u * ${ROWS}u;
  let start = panel * (k4 / ${GROUPS}u) * ${LANES}u;
#for m in 0..ROWS
#for c in 0..4
  var a${m}_${c} = 0.0;
#endfor
#endfor
  for (var k = 0u; k < k4; k += 4u) {
    workgroupBarrier();
    for (var at = lane; at < ${ROWS}u * 16u; at += 64u) {
      let source = k + at % 4u;
      if (source < k4) { x_tile[at] = x[source_row(first_row + at / 4u) * k4 + source]; }
    }
    for (var at = lane; at < ${UNITS}u * ${LANES}u; at += 64u) {
      let unit = at / ${LANES}u;
      let source = k + unit * ${GROUPS}u;
      if (source < k4) {
        let l = at % ${LANES}u;
        let block = w[start + (source / ${GROUPS}u) * ${LANES}u + l];
#if QUANTISED
        let scale = scales[(panel * (k4 / ${SCALE_GROUPS}u) + source / ${SCALE_GROUPS}u) * ${LANES}u + l];
#endif
#for g in 0..GROUPS
#for n in 0..COLUMNS
        let w${n}_${g} = widen_${g}(block.w${n});
#if QUANTISED
        w_tile[(unit * ${GROUPS}u + ${g}u) * ${WIDTH}u + ${n}u * ${LANES}u + l] = weights_of(w${n}_${g}, scale.w${n});
#else
        w_tile[(unit * ${GROUPS}u + ${g}u) * ${WIDTH}u + ${n}u * ${LANES}u + l] = w${n}_${g};
#endif
#if GATED
        let u${n}_${g} = widen_${g}(block.u${n});
#if QUANTISED
        w_tile[(unit * ${GROUPS}u + ${g}u) * ${WIDTH}u + (${COLUMNS}u + ${n}u) * ${LANES}u + l] = weights_of(u${n}_${g}, scale.u${n});
#else
        w_tile[(unit * ${GROUPS}u + ${g}u) * ${WIDTH}u + (${COLUMNS}u + ${n}u) * ${LANES}u + l] = u${n}_${g};
#endif
#endif
#endfor
#endfor
      }
    }
    workgroupBarrier();
    let count = min(4u, k4 - k);
    for (var g = 0u; g < count; g++) {
#for c in 0..4
      let w${c} = w_tile[g * ${WIDTH}u + ${c}u * 16u + i];
#endfor
#for m in 0..ROWS
      let x${m} = x_tile[(own_row + ${m}u) * 4u + g];
#for c in 0..4
#if HALF
      a${m}_${c} += f32(dot(vec4<f16>(x${m}), vec4<f16>(w${c})));
#else
      a${m}_${c} += dot(x${m}, w${c});
#endif
#endfor
#endfor
    }
  }
  let n0 = panel * ${LANES}u * ${COLUMNS}u + i;
#for m in 0..ROWS
  if (first_row + own_row + ${m}u < step.num_rows) {
    let row = first_row + own_row + ${m}u;
    var scale = 1.0;
#if NORMED
    let source = source_row(row) * dims.square_groups;
    var total = vec4<f32>(0.0);
    for (var g = 0u; g < dims.square_groups; g++) { total += squares[source + g]; }
    scale = inverse_root(dot(total, vec4<f32>(1.0)));
#endif
#for c in 0..2
    var square${c} = 0.0;
    let n${c} = n0 + ${c}u * 16u;
#if GATED
#if c == 0
    if (n${c} < dims.n) { square${c} += store(row, n${c}, a${m}_0, a${m}_2, scale); }
#else
    if (n${c} < dims.n) { square${c} += store(row, n${c}, a${m}_1, a${m}_3, scale); }
#endif
#else
#if c == 0
    if (n${c} < dims.n) { square${c} += store(row, n${c}, a${m}_0, 0.0, scale); }
    if (n${c} + 32u < dims.n) { square${c} += store(row, n${c} + 32u, a${m}_2, 0.0, scale); }
#else
    if (n${c} < dims.n) { square${c} += store(row, n${c}, a${m}_1, 0.0, scale); }
    if (n${c} + 32u < dims.n) { square${c} += store(row, n${c} + 32u, a${m}_3, 0.0, scale); }
#endif
#endif
#if FEEDS
    squares[row * dims.square_groups * 4u + panel * ${LANES}u + ${c}u * 16u + i] = square${c};
#endif
#endfor
  }
#endfor
}
