// what: drafts[i] = the token at the end of a path of successors' ranks from the last token; the last known token of the path where
//     one isn't known
// in: inputs (the last token, or its result word | bit 31, at step.parents; paths [k] at step.rows_list: three bits a rank from the
//     lowest on, the number of ranks from bit 28 on), successors [V, 8]: token + 1, or 0 for none; results: drafts [k] at step.result
// constants: WORKGROUP_SIZE
// share: one draft an invocation, which walks its whole path: no barriers between levels
// source: arXiv 2408.08696 (token recycling)
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> inputs: array<u32>;
@group(0) @binding(2) var<storage, read> successors: array<u32>;
@group(0) @binding(3) var<storage, read_write> results: array<u32>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  if (i >= step.k) { return; }
  var token = inputs[step.parents];
  if (token >= 0x80000000u) { token = results[token & 0x7fffffffu]; }
  var path = inputs[step.rows_list + i];
  for (var depth = path >> 28u; depth > 0u && token < arrayLength(&successors) / 8u; depth--) {
    let next = successors[token * 8u + (path & 7u)];
    if (next == 0u) { break; }
    token = next - 1u;
    path >>= 3u;
  }
  results[step.result + i] = token;
}
