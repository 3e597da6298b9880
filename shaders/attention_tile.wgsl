// what: softmax attention of each query head over one tile of keys, unnormalised: (max, sum, sum_j exp(s_j - max) v_j)
// in: q [M, H, D4], keys, values [context, G, D4], rows [M], slots [context], inputs (ancestor lists), partials [., H, tiles, 1 + D4]
// constants: D4 (groups of four in a head), TILE (keys), HEADS (of one group, sharing its keys), CHECKED (window or ranks), WORKGROUP_SIZE
// share: one (row, tile, HEADS heads) an invocation, heads fastest
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
  let num_bundles = dims.heads / ${HEADS}u;
  let head = (i % num_bundles) * ${HEADS}u;
  let tile = (i / num_bundles) % step.num_tiles;
  let local = i / (num_bundles * step.num_tiles);
  if (local >= step.num_rows) { return; }
  let m = step.row_offset + local;
  let row = rows[m];
  let end = min((tile + 1u) * ${TILE}u, row.count);
  if (tile * ${TILE}u >= row.count) { return; }
#for h in 0..HEADS
  let from${h} = (m * dims.heads + head + ${h}u) * ${D4}u;
  var top${h} = -1e30;
  var sum${h} = 0.0;
#for c in 0..D4
  let q${h}_${c} = q[from${h} + ${c}u] * dims.scale;
  var o${h}_${c} = vec4<f32>(0.0);
#endfor
#endfor
#if CHECKED
  let window = i32(dims.window);
#endif
  let key_stride = dims.groups * ${D4}u;
  let key_offset = head / dims.per_group * ${D4}u;
  for (var j = tile * ${TILE}u; j < end; j++) {
    var slot = j;
    if (row.list != NONE && j >= row.base) { slot = row.base + inputs[row.list + j - row.base]; }
#if CHECKED
    let is_far = window != 0 && i32(row.position) - i32(slots[slot].position) >= window;
    if (slots[slot].index > row.horizon || is_far) { continue; }
#endif
    let at = slot * key_stride + key_offset;
#for h in 0..HEADS
    var s${h} = 0.0;
#endfor
#for c in 0..D4
    let k${c} = keys[at + ${c}u];
#for h in 0..HEADS
    s${h} += dot(q${h}_${c}, k${c});
#endfor
#endfor
#for h in 0..HEADS
    let next${h} = max(top${h}, s${h});
    let shrink${h} = exp(top${h} - next${h});
    let p${h} = exp(s${h} - next${h});
    sum${h} = sum${h} * shrink${h} + p${h};
    top${h} = next${h};
#endfor
#for c in 0..D4
    let v${c} = values[at + ${c}u];
#for h in 0..HEADS
    o${h}_${c} = o${h}_${c} * shrink${h} + p${h} * v${c};
#endfor
#endfor
  }
#for h in 0..HEADS
  let out${h} = ((local * dims.heads + head + ${h}u) * step.num_tiles + tile) * (${D4}u + 1u);
  partials[out${h}] = vec4<f32>(top${h}, sum${h}, 0.0, 0.0);
#for c in 0..D4
  partials[out${h} + 1u + ${c}u] = o${h}_${c};
#endfor
#endfor
}
