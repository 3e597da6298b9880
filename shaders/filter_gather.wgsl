// what: the values of a chunk in the row's range, side by side from the chunk's start; how many, the lowest and the highest
// in: y [L, V], stats [L, chunks] (max, sum), state [L], lists [L, V], found [L, chunks] (count, then values as ordered bits)
// constants: QUADS, WORKGROUP_SIZE
// share: one chunk of a row an invocation; most chunks stop at their maximum
// source: own
#include "select_step.wgsl"
#include "filter_state.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> stats: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read> state: array<FilterState>;
@group(0) @binding(4) var<storage, read_write> lists: array<f32>;
@group(0) @binding(5) var<storage, read_write> found: array<vec3<u32>>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let l = i / step.num_chunks;
  if (l >= step.num_rows) { return; }
  let first = (i % step.num_chunks) * step.chunk;
  let end = l * step.vocab + min(first + step.chunk, step.vocab);
  let start = l * step.vocab + first;
  let low = state[l].low;
  let high = state[l].high;
  var lowest = 0xffffffffu;
  var highest = 0u;
  var to = start;
  if (stats[i].x >= low) {
    for (var t = start; t < end; t++) {
      let value = y[t];
      if (value < low || value >= high) { continue; }
      lowest = min(lowest, ordered(value));
      highest = max(highest, ordered(value));
      lists[to] = value;
      to++;
    }
  }
  found[i] = vec3<u32>(to - start, lowest, highest);
}
