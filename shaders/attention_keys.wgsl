// what: softmax attention of HEADS query heads of ROWS rows over one tile of keys, unnormalised: (max, sum, sum_j exp(s_j - max) v_j)
// in: work: queries [M, H, D4] and, from dims.partials_at on, partials [., H, tiles, 1 + D4]; keys, values [context, G, CELLS] of cells as cache.wgsl has them, records, inputs (ancestor lists)
// constants: D4 (groups of four in a head), CACHE, CELLS (of a cached head), TILE (keys), ROWS and HEADS (of one group) that share loaded keys, CHECKED (window or ranks), CAPPED (scores)
// share: a tile of the rows from `local` on and the heads from `head` on a call; a row's terms and their order don't depend on ROWS
// source: arXiv 2205.14135 (online softmax); tiles start at fixed logical keys, and tree rows reach theirs by ancestor list
#if CAPPED
#include "soft_cap.wgsl"
#endif
fn attend_tile(local: u32, head: u32, tile: u32) {
  let start = tile * ${TILE}u;
  var end = 0u;
#for r in 0..ROWS
  let m${r} = step.row_offset + min(local + ${r}u, step.num_rows - 1u);
  let row${r} = row_at(m${r});
  let end${r} = select(0u, min(start + ${TILE}u, row${r}.count), local + ${r}u < step.num_rows);
  end = max(end, end${r});
#endfor
  if (start >= end) { return; }
#for r in 0..ROWS
#for h in 0..HEADS
  let from${r}_${h} = (m${r} * dims.heads + head + ${h}u) * ${D4}u;
  var top${r}_${h} = -1e30;
  var sum${r}_${h} = 0.0;
#for c in 0..D4
  let q${r}_${h}_${c} = work[from${r}_${h} + ${c}u] * dims.scale;
  var o${r}_${h}_${c} = vec4<f32>(0.0);
#endfor
#endfor
#endfor
#if CHECKED
  let window = i32(dims.window);
#endif
  let key_stride = dims.groups * ${CELLS}u;
  let key_offset = head / dims.per_group * ${CELLS}u;
  let base = row0.base;
#if ROWS == 1
  for (var j = start; j < end; j++) {
    let list = row0.list;
    var sees0 = true;
#else
  // First the keys that all rows find in the same slots, then, row by row, those that a row has in a list of its own.
  let own_start = select(end, clamp(base, start, end), row0.list != NONE);
  let num_shared = own_start - start;
  let num_own = end - own_start;
  for (var n = 0u; n < num_shared + ${ROWS}u * num_own; n++) {
    let is_shared = n < num_shared;
    let turn = (n - num_shared) / max(num_own, 1u);
    let j = select(own_start + n - num_shared - turn * num_own, start + n, is_shared);
    var list = NONE;
#for r in 0..ROWS
    let is_turn${r} = !is_shared && turn == ${r}u;
    var sees${r} = (is_shared || is_turn${r}) && j < end${r};
    list = select(list, row${r}.list, is_turn${r} && sees${r});
#endfor
#endif
    var slot = j;
    if (list != NONE && j >= base) { slot = base + inputs[list + j - base]; }
#if CHECKED
    let record = slot_at(slot);
    let index = record.index;
    let position = i32(record.position);
    var is_seen = false;
#for r in 0..ROWS
    let is_near${r} = window == 0 || i32(row${r}.position) - position < window;
    sees${r} = sees${r} && index <= row${r}.horizon && is_near${r};
    is_seen = is_seen || sees${r};
#endfor
    if (!is_seen) { continue; }
#endif
    let at = slot * key_stride + key_offset;
#for r in 0..ROWS
#for h in 0..HEADS
    var s${r}_${h} = 0.0;
#endfor
#endfor
#for c in 0..D4
    let k${c} = opened(keys[at + ${c}u]);
#for r in 0..ROWS
#for h in 0..HEADS
    s${r}_${h} += dot(q${r}_${h}_${c}, k${c});
#endfor
#endfor
#endfor
#if CACHE == q8
    let key_peak = bitcast<f32>(keys[at + ${D4}u]);
    let value_peak = bitcast<f32>(values[at + ${D4}u]);
#for r in 0..ROWS
#for h in 0..HEADS
    s${r}_${h} *= key_peak;
#endfor
#endfor
#endif
#if CAPPED
#for r in 0..ROWS
#for h in 0..HEADS
    s${r}_${h} = soft_cap(s${r}_${h}, dims.soft_cap);
#endfor
#endfor
#endif
#for r in 0..ROWS
#for h in 0..HEADS
    let next${r}_${h} = max(top${r}_${h}, select(-1e30, s${r}_${h}, sees${r}));
    let shrink${r}_${h} = select(1.0, exp(top${r}_${h} - next${r}_${h}), sees${r});
    let p${r}_${h} = select(0.0, exp(s${r}_${h} - next${r}_${h}), sees${r});
    sum${r}_${h} = sum${r}_${h} * shrink${r}_${h} + p${r}_${h};
    top${r}_${h} = next${r}_${h};
#if CACHE == q8
    let share${r}_${h} = p${r}_${h} * value_peak;
#else
    let share${r}_${h} = p${r}_${h};
#endif
#endfor
#endfor
#for c in 0..D4
    let v${c} = opened(values[at + ${c}u]);
#for r in 0..ROWS
#for h in 0..HEADS
    o${r}_${h}_${c} = o${r}_${h}_${c} * shrink${r}_${h} + share${r}_${h} * v${c};
#endfor
#endfor
#endfor
  }
#for r in 0..ROWS
  if (start < end${r}) {
#for h in 0..HEADS
    let out${r}_${h} = dims.partials_at + (((local + ${r}u) * dims.heads + head + ${h}u) * step.num_tiles + tile) * (${D4}u + 1u);
    work[out${r}_${h}] = vec4<f32>(top${r}_${h}, sum${r}_${h}, 0.0, 0.0);
#for c in 0..D4
    work[out${r}_${h} + 1u + ${c}u] = o${r}_${h}_${c};
#endfor
#endfor
  }
#endfor
}
