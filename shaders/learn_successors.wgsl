// what: successors[token of row l] = the row's likeliest tokens; a token that several rows hold takes those of the last
// in: inputs (row list), rows [M], results: (token, log-probability) [L, k] at step.result, successors [V, 8]: token + 1, or 0 for none
// constants: WORKGROUP_SIZE
// share: one rank an invocation, walking all rows in order
// source: arXiv 2408.08696 (token recycling)
#include "rows_records.wgsl"
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> inputs: array<u32>;
@group(0) @binding(2) var<storage, read> rows: array<Row>;
@group(0) @binding(3) var<storage, read> results: array<u32>;
@group(0) @binding(4) var<storage, read_write> successors: array<u32>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let rank = invocation_index(group, groups, lane);
  if (rank >= 8u) { return; }
  for (var l = 0u; l < step.num_rows; l++) {
    let token = rows[inputs[step.rows_list + l]].token;
    if (token >= arrayLength(&successors) / 8u) { continue; }
    var next = 0u;
    if (rank < step.k) { next = results[step.result + (l * step.k + rank) * 2u] + 1u; }
    successors[token * 8u + rank] = next;
  }
}
