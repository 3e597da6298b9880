// what: the values of a chunk that reach the row's bound, side by side from the chunk's start, and how many they are
// in: y [L, V], stats [L, chunks] (max, sum), state [L, 4], lists [L, V], counts [L, chunks]
// constants: WORKGROUP_SIZE
// share: one chunk of a row an invocation; most chunks stop at their maximum
// source: own
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> stats: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read> state: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read_write> lists: array<f32>;
@group(0) @binding(5) var<storage, read_write> counts: array<u32>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let l = i / step.num_chunks;
  if (l >= step.num_rows) { return; }
  let first = (i % step.num_chunks) * step.chunk;
  let end = l * step.vocab + min(first + step.chunk, step.vocab);
  let start = l * step.vocab + first;
  let bound = state[l].z;
  var to = start;
  if (ordered(stats[i].x) >= bound) {
    for (var t = start; t < end; t++) {
      let value = y[t];
      if (ordered(value) < bound) { continue; }
      lists[to] = value;
      to++;
    }
  }
  counts[i] = to - start;
}
