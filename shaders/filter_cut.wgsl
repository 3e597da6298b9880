// what: raises the row's threshold to the k-th largest value (TOP_K), then to the value at which top_p is reached (TOP_P)
// in: found [L, chunks] (count, lowest, highest), lists [L, V] (a chunk's candidates from its start on; permuted), state [L]
// constants: TOP_K, TOP_P, QUADS, WORKGROUP_SIZE
// share: one row an invocation
// source: own (bisection on the ordered bits, each pass splitting what is left in place; all that tie with the last are kept)
#include "select_step.wgsl"
#include "filter_state.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> found: array<vec3<u32>>;
@group(0) @binding(2) var<storage, read_write> lists: array<f32>;
@group(0) @binding(3) var<storage, read_write> state: array<FilterState>;

struct Range { end: u32, low: u32, high: u32 }

// Splits lists[start..all.end] until all values left are equal: those from start to the end returned amount to `goal`.
fn cut(start: u32, all: Range, goal: f32, is_mass: bool, top: f32) -> Range {
  var at = start;
  var left = all;
  var taken = 0.0;
  while (left.low < left.high) {
    let trial = left.low + (left.high - left.low + 1u) / 2u;
    var split = Range(at, 0xffffffffu, left.high);
    var rest = Range(left.end, left.low, 0u);
    var amount = 0.0;
    for (var i = at; i < left.end; i++) {
      let value = lists[i];
      let key = ordered(value);
      if (key >= trial) {
        lists[i] = lists[split.end];
        lists[split.end] = value;
        split.end++;
        split.low = min(split.low, key);
        if (is_mass) { amount += exp(value - top); } else { amount += 1.0; }
      } else {
        rest.high = max(rest.high, key);
      }
    }
    if (taken + amount >= goal) {
      left = split;
    } else {
      taken += amount;
      at = split.end;
      left = rest;
    }
  }
  return left;
}

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let l = invocation_index(group, groups, lane);
  if (l >= step.num_rows) { return; }
  let start = l * step.vocab;
  let top = state[l].top;
  var kept = Range(start, 0xffffffffu, 0u);
  for (var c = 0u; c < step.num_chunks; c++) {
    let chunk = found[l * step.num_chunks + c];
    kept.low = min(kept.low, chunk.y);
    kept.high = max(kept.high, chunk.z);
  }
  // Equal values all stay, whatever their number.
  let is_cut = kept.low < kept.high;
  for (var c = 0u; c < step.num_chunks && is_cut; c++) {
    let first = start + c * step.chunk;
    let end = first + found[l * step.num_chunks + c].x;
    for (var t = first; t < end; t++) {
      lists[kept.end] = lists[t];
      kept.end++;
    }
  }
  let highest = kept.high;
#if TOP_K
  kept = cut(start, kept, f32(step.top_k), false, top);
#endif
#if TOP_P
  var goal = state[l].mass * step.top_p - state[l].taken;
#if TOP_K
  goal = 0.0;
  for (var t = start; t < kept.end; t++) { goal += exp(lists[t] - top) * step.top_p; }
#endif
  kept = cut(start, Range(kept.end, kept.low, highest), goal, true, top);
#endif
  state[l].threshold = max(state[l].threshold, kept.low);
}
