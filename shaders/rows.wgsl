// what: the step block that the kernels of a forward share
// in: binding 0, the step block
// constants: none
// share: -
// source: own
#include "rows_records.wgsl"

struct Step {
  num_rows: u32,
  inputs: u32,
  keep: u32,
  mode: u32,
  block: u32,
  session: u32,
  num_tiles: u32,
  row_offset: u32,
  rows_list: u32,
  features: u32,
  first_gated: u32,
  num_before: u32,
  lag: u32,
}

@group(0) @binding(0) var<uniform> step: Step;
