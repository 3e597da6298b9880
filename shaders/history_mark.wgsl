// what: sets bit t of seen[l] for every token t that row l's forward row could see (its history), masks left out
// in: inputs (row list, ancestor lists), rows [M], slots [context], seen [L, ceil(V / 32)]; step.k = most keys of a row
// constants: WORKGROUP_SIZE
// share: one (row, key) an invocation
// source: own
#include "rows_records.wgsl"
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> inputs: array<u32>;
@group(0) @binding(2) var<storage, read> rows: array<Row>;
@group(0) @binding(3) var<storage, read> slots: array<Slot>;
@group(0) @binding(4) var<storage, read_write> seen: array<atomic<u32>>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let l = i / step.k;
  if (l >= step.num_rows) { return; }
  let j = i % step.k;
  let row = rows[inputs[step.rows_list + l]];
  if (j >= row.count) { return; }
  var slot = j;
  if (row.list != NONE && j >= row.base) { slot = row.base + inputs[row.list + j - row.base]; }
  let token = slots[slot].token;
  if (slots[slot].index > row.horizon || token == step.mask_token || token >= step.vocab) { return; }
  atomicOr(&seen[l * ((step.vocab + 31u) / 32u) + token / 32u], 1u << (token % 32u));
}
