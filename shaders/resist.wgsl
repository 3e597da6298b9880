// what: puts in place of each row's token the candidate of the largest p - resistance[n], the first of equal ones: n tokens, itself included
//     and step.depth at most, are the longest end of what the row saw and the candidate that occurs in what the row saw. The first of all
//     where all have a resistance of 1e30
// in: inputs (row list, ancestor lists, resistance by n from step.parents on), rows [M], slots [context], results: the select record of
//     the rows at step.result, then the candidates [L, k, 2] as (token, log p), likeliest first
// constants: WORKGROUP_SIZE
// share: a row a workgroup; an invocation looks at every WORKGROUP_SIZE-th place of what it saw, and the first one takes
// source: arXiv 2212.02175
#include "rows_records.wgsl"
#include "select_step.wgsl"
@group(0) @binding(1) var<storage, read> inputs: array<u32>;
@group(0) @binding(2) var<storage, read> rows: array<Row>;
@group(0) @binding(3) var<storage, read> slots: array<Slot>;
@group(0) @binding(4) var<storage, read_write> results: array<u32>;

const MAX_K: u32 = 64u;
var<workgroup> offered: array<u32, MAX_K>;
var<workgroup> repeated: array<atomic<u32>, MAX_K>;

// Token i of what the row saw.
fn text(row: Row, i: u32) -> u32 {
  if (row.list == NONE || i < row.base) { return slots[i].token; }
  return slots[row.base + inputs[row.list + i - row.base]].token;
}

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let l = group.y * groups.x + group.x;
  if (l >= step.num_rows) { return; }
  let k = min(step.k, MAX_K);
  let list = step.result + step.num_rows * 4u + l * step.k * 2u;
  for (var c = lane; c < k; c += ${WORKGROUP_SIZE}u) { offered[c] = results[list + c * 2u]; }
  workgroupBarrier();
  let row = rows[inputs[step.rows_list + l]];
  for (var at = lane; at < row.count; at += ${WORKGROUP_SIZE}u) {
    let token = text(row, at);
    for (var c = 0u; c < k; c++) {
      if (offered[c] != token) { continue; }
      var n = 1u;
      while (n < step.depth && n <= at && text(row, at - n) == text(row, row.count - n)) { n++; }
      atomicMax(&repeated[c], n);
    }
  }
  workgroupBarrier();
  if (lane != 0u) { return; }
  var best = 0u;
  var highest = -1e30;
  var likelier = 1.0;
  for (var c = 0u; c < k; c++) {
    let n = min(atomicLoad(&repeated[c]), step.depth);
    // An exponential that is off by a bit mustn't make a candidate likelier than one before it.
    likelier = min(likelier, exp(bitcast<f32>(results[list + c * 2u + 1u])));
    let score = likelier - bitcast<f32>(inputs[step.parents + n]);
    if (score > highest) { highest = score; best = c; }
  }
  results[step.result + l * 2u] = offered[best];
  results[step.result + l * 2u + 1u] = results[list + best * 2u + 1u];
}
