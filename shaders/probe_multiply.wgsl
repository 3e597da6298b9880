// what: sums of products in registers, to measure how many f32 multiply-adds a second a device does
// in: dims (invocations, rounds), seeds [invocations] vectors, sums [invocations] vectors
// constants: WORKGROUP_SIZE
// share: an invocation does 32 multiply-adds a round, in eight sums of four that don't wait for each other
// source: own
#include "rows.wgsl"
#include "invocation.wgsl"
struct Dims {
  invocations: u32,
  rounds: u32,
}
@group(0) @binding(1) var<uniform> dims: Dims;
@group(0) @binding(2) var<storage, read> seeds: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> sums: array<vec4<f32>>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  if (i >= dims.invocations) { return; }
  let rounds = dims.rounds;
  let factor = seeds[i];
#for j in 0..8
  var a${j} = factor * f32(${j} + 1);
#endfor
  for (var round = 0u; round < rounds; round++) {
#for j in 0..8
    a${j} = a${j} * factor + factor;
#endfor
  }
  sums[i] = a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7;
}
