// what: softmax attention of one query head over one tile of keys, unnormalised: (max, sum, sum_j exp(s_j - max) v_j)
// in: q [M, H, D4], keys, values [context, G, D4], rows [M], slots [context], inputs (ancestor lists), partials [., H, tiles, 1 + D4]
// constants: D4 (groups of four in a head), TILE (keys), WORKGROUP_SIZE
// share: one (row, tile, head) an invocation, heads fastest
// source: arXiv 2205.14135 (online softmax); tiles start at fixed logical keys, and tree rows reach theirs by ancestor list
#include "rows.wgsl"
#include "invocation.wgsl"
struct Dims { heads: u32, per_group: u32, groups: u32, scale: f32, window: u32 }
@group(0) @binding(1) var<uniform> dims: Dims;
@group(0) @binding(2) var<storage, read> q: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> keys: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> values: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> rows: array<Row>;
@group(0) @binding(6) var<storage, read> slots: array<Slot>;
@group(0) @binding(7) var<storage, read> inputs: array<u32>;
@group(0) @binding(8) var<storage, read_write> partials: array<vec4<f32>>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let head = i % dims.heads;
  let tile = (i / dims.heads) % step.num_tiles;
  let local = i / (dims.heads * step.num_tiles);
  if (local >= step.num_rows) { return; }
  let m = step.row_offset + local;
  let row = rows[m];
  let end = min((tile + 1u) * ${TILE}u, row.count);
  let out = ((local * dims.heads + head) * step.num_tiles + tile) * (${D4}u + 1u);
  if (tile * ${TILE}u >= row.count) { return; }
  let from_ = (m * dims.heads + head) * ${D4}u;
#for c in 0..D4
  let q${c} = q[from_ + ${c}u] * dims.scale;
  var o${c} = vec4<f32>(0.0);
#endfor
  var top = -1e30;
  var sum = 0.0;
  for (var j = tile * ${TILE}u; j < end; j++) {
    var slot = j;
    if (row.list != NONE && j >= row.base) { slot = row.base + inputs[row.list + j - row.base]; }
    let meta_ = slots[slot];
    let is_far = dims.window != 0u && i32(row.position) - i32(meta_.position) >= i32(dims.window);
    if (meta_.index > row.horizon || is_far) { continue; }
    let at = (slot * dims.groups + head / dims.per_group) * ${D4}u;
    var s = 0.0;
#for c in 0..D4
    s += dot(q${c}, keys[at + ${c}u]);
#endfor
    let next = max(top, s);
    let shrink = exp(top - next);
    let p = exp(s - next);
    sum = sum * shrink + p;
#for c in 0..D4
    o${c} = o${c} * shrink + p * values[at + ${c}u];
#endfor
    top = next;
  }
  partials[out] = vec4<f32>(top, sum, 0.0, 0.0);
#for c in 0..D4
  partials[out + 1u + ${c}u] = o${c};
#endfor
}
