// what: lengths[session] = max(least, min(lengths[session], limit)), or min(…, lengths[other] + offset) when other is given
// in: lengths [sessions]; step: session, quota = limit, parents = other or NONE, k = offset + 2^31, num_rows = least: rows copied in
// constants: none
// share: one invocation
// source: own
#include "rows_records.wgsl"
#include "select_step.wgsl"
@group(0) @binding(1) var<storage, read_write> lengths: array<u32>;

@compute @workgroup_size(1)
fn main() {
  var limit = i32(step.quota);
  if (step.parents != NONE) { limit = i32(lengths[step.parents]) + i32(step.k - 0x80000000u); }
  lengths[step.session] = max(step.num_rows, min(lengths[step.session], u32(max(limit, 0))));
}
