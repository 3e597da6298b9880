// what: moves the keys, values and slot records of a path right behind the kept rows (PART slots: and the length)
// in: lengths [sessions], results (result: from step.result on the number of rows, a word, a row before them, theirs as logit rows),
//     inputs (result: forward row of each logit row, of which quota were kept; list: scratch row of each row of the path, num_rows of
//     them), cache [layers, layer_cells] of rows of row_cells
// constants: PART = cache (one dispatch for keys, one for values; then CACHE) | slots, PATH = result | list, WORKGROUP_SIZE
// share: one column of cells of one layer an invocation, walking the path in order: sources never lie below targets
// source: own
#include "rows_records.wgsl"
#include "select_step.wgsl"
#include "invocation.wgsl"
struct Dims { row_cells: u32, layer_cells: u32, layers: u32 }
@group(0) @binding(1) var<uniform> dims: Dims;
@group(0) @binding(2) var<storage, read> results: array<u32>;
@group(0) @binding(3) var<storage, read> inputs: array<u32>;
@group(0) @binding(4) var<storage, read_write> lengths: array<u32>;
#if PART == cache
#include "cache.wgsl"
@group(0) @binding(5) var<storage, read_write> cache: array<Cell>;
#else
@group(0) @binding(5) var<storage, read_write> slots: array<Slot>;
#endif

#if PATH == result
fn path_length() -> u32 { return results[step.result]; }
// How far behind the kept rows the path's row a lies.
fn scratch_row(a: u32) -> u32 {
  return inputs[step.rows_list + results[step.result + 3u + a]] - step.quota;
}
#else
fn path_length() -> u32 { return step.num_rows; }
fn scratch_row(a: u32) -> u32 { return inputs[step.rows_list + a]; }
#endif

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let kept = path_length();
  let length = lengths[step.session];
#if PART == cache
  if (i >= dims.row_cells * dims.layers) { return; }
  let column = (i / dims.row_cells) * dims.layer_cells + i % dims.row_cells;
  for (var a = 0u; a < kept; a++) {
    let source = length + scratch_row(a);
    let target_ = length + a;
    if (source != target_) {
      cache[column + target_ * dims.row_cells] = cache[column + source * dims.row_cells];
    }
  }
#else
  if (i != 0u) { return; }
  for (var a = 0u; a < kept; a++) {
    var slot = slots[length + scratch_row(a)];
    slot.index = length + a;
    slots[length + a] = slot;
  }
  lengths[step.session] = length + kept;
#endif
}
