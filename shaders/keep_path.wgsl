// what: moves the keys, values and slot records of an accepted path right behind the kept rows (PART slots: and the length)
// in: lengths [sessions], results (the verdict), inputs (forward row of each logit row), cache [layers, layer4] of rows of width4
// constants: PART = cache (one dispatch for keys, one for values) | slots, WORKGROUP_SIZE
// share: one column of four of one layer an invocation, walking the path in order: sources never lie below targets
// source: own
#include "rows_records.wgsl"
#include "select_step.wgsl"
#include "verdict_record.wgsl"
#include "invocation.wgsl"
struct Dims { width4: u32, layer4: u32, layers: u32 }
@group(0) @binding(1) var<uniform> dims: Dims;
@group(0) @binding(2) var<storage, read> results: array<u32>;
@group(0) @binding(3) var<storage, read> inputs: array<u32>;
@group(0) @binding(4) var<storage, read_write> lengths: array<u32>;
#if PART == cache
@group(0) @binding(5) var<storage, read_write> cache: array<vec4<f32>>;
#else
@group(0) @binding(5) var<storage, read_write> slots: array<Slot>;
#endif

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let accepted = results[verdict_at()];
  let path = path_at();
  let length = lengths[step.session];
  let first = inputs[step.rows_list];
#if PART == cache
  if (i >= dims.width4 * dims.layers) { return; }
  let column = (i / dims.width4) * dims.layer4 + i % dims.width4;
  for (var a = 1u; a <= accepted; a++) {
    let source = length + inputs[step.rows_list + results[path + a]] - first - 1u;
    let target_ = length + a - 1u;
    if (source != target_) {
      cache[column + target_ * dims.width4] = cache[column + source * dims.width4];
    }
  }
#else
  if (i != 0u) { return; }
  for (var a = 1u; a <= accepted; a++) {
    let source = length + inputs[step.rows_list + results[path + a]] - first - 1u;
    var slot = slots[source];
    slot.index = length + a - 1u;
    slots[length + a - 1u] = slot;
  }
  lengths[step.session] = length + accepted;
#endif
}
