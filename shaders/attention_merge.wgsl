// what: y[m][h] = sum_t exp(max_t - max) o_t / sum_t exp(max_t - max) sum_t, over the tiles of one row and head
// in: partials [., H, tiles, 1 + D4], rows [M], y [M, H D]
// constants: D4, TILE, WORKGROUP_SIZE
// share: four columns of one head an invocation
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
  let c = i % ${D4}u;
  let head = (i / ${D4}u) % dims.heads;
  let local = i / (${D4}u * dims.heads);
  if (local >= step.num_rows) { return; }
  let m = step.row_offset + local;
  let num_tiles = (rows[m].count + ${TILE}u - 1u) / ${TILE}u;
  let from_ = (local * dims.heads + head) * step.num_tiles * (${D4}u + 1u);
  var top = -1e30;
  for (var t = 0u; t < num_tiles; t++) { top = max(top, partials[from_ + t * (${D4}u + 1u)].x); }
  var sum = 0.0;
  var o = vec4<f32>(0.0);
  for (var t = 0u; t < num_tiles; t++) {
    let at = from_ + t * (${D4}u + 1u);
    let weight = exp(partials[at].x - top);
    sum += weight * partials[at].y;
    o += weight * partials[at + 1u + c];
  }
  o = select(vec4<f32>(0.0), o / sum, sum > 0.0);
  let at = m * dims.y_stride + head * dims.d + c * 4u;
#for e in 0..4
  if (c * 4u + ${e}u < dims.d) { y[at + ${e}u] = o[${e}]; }
#endfor
}
