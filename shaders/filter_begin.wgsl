// what: state[l] = (max of the row, empty prefix, nothing taken yet, threshold by min-p)
// in: tops [L, chunks], state [L, 4], cuts [L]
// constants: WORKGROUP_SIZE
// share: one row an invocation
// source: min-p as in arXiv 2407.01082
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> tops: array<f32>;
@group(0) @binding(2) var<storage, read_write> state: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> cuts: array<u32>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let l = invocation_index(group, groups, lane);
  if (l >= step.num_rows) { return; }
  var top = -1e30;
  for (var c = 0u; c < step.num_chunks; c++) { top = max(top, tops[l * step.num_chunks + c]); }
  cuts[l] = 0u;
  state[l] = vec4<u32>(bitcast<u32>(top), 0u, 0u, ordered(max(top + step.log_min_p, -1e29)));
}
