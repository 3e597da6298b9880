// what: sums = the sum of the first `quota` states, in order
// in: states [context, C], sums [C]; step: quota, width = groups of four columns
// constants: WORKGROUP_SIZE
// share: four columns an invocation
// source: own (the squared length of the sum holds the cosines of all pairs)
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> states: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> sums: array<vec4<f32>>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let c = invocation_index(group, groups, lane);
  if (c >= step.width) { return; }
  var sum = vec4<f32>(0.0);
  for (var slot = 0u; slot < step.quota; slot++) { sum += states[slot * step.width + c]; }
  sums[c] = sum;
}
