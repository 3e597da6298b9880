// what: x[m] = table[token[m]]
// in: rows [M], table [V, C] in panels of WEIGHT storage (as matmul reads it), x [M, C]
// constants: WEIGHT, COLUMNS, LANES (of a panel), WORKGROUP_SIZE
// share: one group of four columns an invocation
// source: own
#include "rows.wgsl"
#include "invocation.wgsl"
#include "weights.wgsl"
struct Dims { c4: u32, vocab: u32 }
@group(0) @binding(1) var<uniform> dims: Dims;
@group(0) @binding(2) var<storage, read> rows: array<Row>;
@group(0) @binding(3) var<storage, read> table: array<Weight4>;
@group(0) @binding(4) var<storage, read_write> x: array<vec4<f32>>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let row = i / dims.c4;
  if (row >= step.num_rows) { return; }
  let token = min(rows[row].token, dims.vocab - 1u);
  let size = ${LANES}u * ${COLUMNS}u;
  let panel = (token / size * dims.c4 + i % dims.c4) * size;
  x[i] = widen4(table[panel + token % ${LANES}u * ${COLUMNS}u + token % size / ${LANES}u]);
}
