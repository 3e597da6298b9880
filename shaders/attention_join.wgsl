// what: y[m][h] = sum_t exp(max_t - max) o_t / sum_t exp(max_t - max) sum_t, over the tiles of one row and head
// in: work: from dims.partials_at on partials [., H, tiles, 1 + D4]; records, y [M, H D]
// constants: D4, TILE, GROUPS (of four columns, divides D4)
// share: GROUPS groups of four columns, from `first` on, of one head a call
// source: arXiv 2205.14135; tiles are merged in order of their keys, whatever their number. A row that sees nothing gives 0
fn join_tiles(local: u32, head: u32, first: u32) {
  let m = step.row_offset + local;
  let num_tiles = (row_at(m).count + ${TILE}u - 1u) / ${TILE}u;
  let from_ = dims.partials_at + (local * dims.heads + head) * step.num_tiles * (${D4}u + 1u);
  var top = -1e30;
  for (var t = 0u; t < num_tiles; t++) { top = max(top, work[from_ + t * (${D4}u + 1u)].x); }
  var sum = 0.0;
#for c in 0..GROUPS
  var o${c} = vec4<f32>(0.0);
#endfor
  for (var t = 0u; t < num_tiles; t++) {
    let at = from_ + t * (${D4}u + 1u);
    let weight = exp(work[at].x - top);
    sum += weight * work[at].y;
#for c in 0..GROUPS
    o${c} += weight * work[at + 1u + first + ${c}u];
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
