// what: y[m][h] = sum_t exp(max_t - max) o_t / sum_t exp(max_t - max) sum_t, over the tiles of one row and head
// in: partials [., H, tiles, 1 + D4], rows [M], y [M, H D]
// constants: D4, TILE, GROUPS (of four columns, divides D4), WORKGROUP_SIZE
// share: GROUPS groups of four columns of one head an invocation
// source: arXiv 2205.14135; tiles are merged in order of their keys, whatever their number. A row that sees nothing gives 0
#include "rows.wgsl"
#include "invocation.wgsl"
struct Dims { heads: u32, d: u32, y_stride: u32 }
@group(0) @binding(1) var<uniform> dims: Dims;
@group(0) @binding(2) var<storage, read> partials: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> rows: array<Row>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let num_shares = ${D4}u / ${GROUPS}u;
  let first = i % num_shares * ${GROUPS}u;
  let head = (i / num_shares) % dims.heads;
  let local = i / (num_shares * dims.heads);
  if (local >= step.num_rows) { return; }
  let m = step.row_offset + local;
  let num_tiles = (rows[m].count + ${TILE}u - 1u) / ${TILE}u;
  let from_ = (local * dims.heads + head) * step.num_tiles * (${D4}u + 1u);
  var top = -1e30;
  for (var t = 0u; t < num_tiles; t++) { top = max(top, partials[from_ + t * (${D4}u + 1u)].x); }
  var sum = 0.0;
#for c in 0..GROUPS
  var o${c} = vec4<f32>(0.0);
#endfor
  for (var t = 0u; t < num_tiles; t++) {
    let at = from_ + t * (${D4}u + 1u);
    let weight = exp(partials[at].x - top);
    sum += weight * partials[at].y;
#for c in 0..GROUPS
    o${c} += weight * partials[at + 1u + first + ${c}u];
#endfor
  }
  let at = m * dims.y_stride + head * dims.d;
#for c in 0..GROUPS
  let column${c} = (first + ${c}u) * 4u;
  // Not "sum > 0": that would make a sum that is NaN look like no key.
  o${c} = select(o${c} / sum, vec4<f32>(0.0), sum == 0.0);
#for e in 0..4
  if (column${c} + ${e}u < dims.d) { y[at + column${c} + ${e}u] = o${c}[${e}]; }
#endfor
#endfor
}
