// what: target[i] = source[i], to measure how many bytes a second a kernel moves; 1 word: the least that a dispatch can do
// in: dims (vectors, invocations), source [N] vectors, target [N]
// constants: WORKGROUP_SIZE
// share: an invocation takes every so many-th vector, so that neighbours read side by side
// source: own
#include "rows.wgsl"
#include "invocation.wgsl"
struct Dims {
  vectors: u32,
  invocations: u32,
}
@group(0) @binding(1) var<uniform> dims: Dims;
@group(0) @binding(2) var<storage, read> source: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> copied: array<vec4<u32>>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let first = invocation_index(group, groups, lane);
  let vectors = dims.vectors;
  let stride = dims.invocations;
  if (first >= stride) { return; }
  for (var i = first; i < vectors; i += stride) { copied[i] = source[i]; }
}
