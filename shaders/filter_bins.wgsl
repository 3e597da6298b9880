// what: sums[l][c][b] = sum of exp(y - max) over a chunk's values from edge b of the row's range up to the range's end
// in: y [L, V], state [L], sums [L, chunks, QUADS] of four edges each
// constants: QUADS, WORKGROUP_SIZE
// share: one chunk of a row an invocation
// source: own
#include "select_step.wgsl"
#include "filter_state.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> state: array<FilterState>;
@group(0) @binding(3) var<storage, read_write> sums: array<vec4<f32>>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let l = i / step.num_chunks;
  if (l >= step.num_rows) { return; }
  let first = (i % step.num_chunks) * step.chunk;
  let start = l * step.vocab + first;
  let end = l * step.vocab + min(first + step.chunk, step.vocab);
  let top = state[l].top;
  let high = state[l].high;
#for q in 0..QUADS
  let edges${q} = state[l].edges[${q}];
  var sums${q} = vec4<f32>(0.0);
#endfor
  for (var t = start; t < end; t++) {
    let value = y[t];
    let p = select(0.0, exp(value - top), value < high);
#for q in 0..QUADS
    sums${q} += select(vec4<f32>(0.0), vec4<f32>(p), vec4<f32>(value) >= edges${q});
#endfor
  }
#for q in 0..QUADS
  sums[i * ${QUADS}u + ${q}u] = sums${q};
#endfor
}
