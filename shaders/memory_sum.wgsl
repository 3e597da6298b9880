// what: the divergence of each row from its parts, into the last word of its measured record
// in: parts [L, chunks], results
// constants: WORKGROUP_SIZE
// share: one row an invocation
// source: own
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> parts: array<f32>;
@group(0) @binding(2) var<storage, read_write> results: array<u32>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let l = invocation_index(group, groups, lane);
  if (l >= step.num_rows) { return; }
  var sum = 0.0;
  for (var c = 0u; c < step.num_chunks; c++) { sum += parts[l * step.num_chunks + c]; }
  results[step.result + step.num_rows * 4u + l * 4u + 3u] = bitcast<u32>(sum);
}
