// what: the step block of the selection kernels, and the order-preserving map from f32 to u32
// in: binding 0, the step block
// constants: none
// share: -
// source: own
struct Step {
  num_rows: u32,
  rows_list: u32,
  result: u32,
  chunk: u32,
  num_chunks: u32,
  vocab: u32,
  fills_next: u32,
  draw: u32,
  seed: u32,
  inverse_temperature: f32,
  penalty: f32,
  top_k: u32,
  top_p: f32,
  log_min_p: f32,
  mask_token: u32,
  quota: u32,
  log_threshold: f32,
  order: u32,
  parents: u32,
  session: u32,
  k: u32,
  purpose: u32,
  depth: u32,
  law_row: u32,
  threshold: f32,
  alpha: f32,
  decay: f32,
  power: f32,
  weight: f32,
}
@group(0) @binding(0) var<uniform> step: Step;

const SUPPRESSED: f32 = -1e29;

fn ordered(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  return select(bits | 0x80000000u, ~bits, (bits & 0x80000000u) != 0u);
}
