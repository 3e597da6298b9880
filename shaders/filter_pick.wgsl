// what: narrows a row's range to the part between two edges in which the mass from above reaches top_p
// in: sums [L, chunks, QUADS] (of what reaches an edge), state [L]
// constants: QUADS, WORKGROUP_SIZE
// share: one row an invocation
// source: own
#include "select_step.wgsl"
#include "filter_state.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> sums: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> state: array<FilterState>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let l = invocation_index(group, groups, lane);
  if (l >= step.num_rows) { return; }
  let first = l * step.num_chunks;
#for q in 0..QUADS
  let edges${q} = state[l].edges[${q}];
  var total${q} = vec4<f32>(0.0);
#endfor
  for (var c = first; c < first + step.num_chunks; c++) {
#for q in 0..QUADS
    total${q} += sums[c * ${QUADS}u + ${q}u];
#endfor
  }
  let goal = state[l].mass * step.top_p - state[l].taken;
  var low = edges0.x;
  var high = state[l].high;
  var above = 0.0;
  // From the lowest edge up: the first from which on the goal is not reached ends the range.
#for q in 0..QUADS
#for e in 0..4
  if (total${q}[${e}] >= goal) {
    low = edges${q}[${e}];
  } else if (edges${q}[${e}] > low && edges${q}[${e}] < high) {
    high = edges${q}[${e}];
    above = total${q}[${e}];
  }
#endfor
#endfor
  state[l].low = low;
  state[l].high = high;
  state[l].taken += above;
#for q in 0..QUADS
  state[l].edges[${q}] = edges_of(low, high, state[l].top, ${q}u);
#endfor
}
