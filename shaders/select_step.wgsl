// what: the step block of the selection kernels, the order-preserving map from f32 to u32, and what tells that a row isn't finite
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
  width: u32,
}
@group(0) @binding(0) var<uniform> step: Step;

const SUPPRESSED: f32 = -1e29;
// Stands for the token of a row whose logits aren't all finite; everything that holds tokens hands it on until one is read back.
const NO_TOKEN: u32 = 0xffffffffu;
// The magnitude's bits of infinity; those of NaN are more. By bits, since compilers may take floats for finite.
const INFINITE: u32 = 0x7f800000u;

fn magnitude(x: f32) -> u32 { return bitcast<u32>(x) & 0x7fffffffu; }

fn ordered(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  return select(bits | 0x80000000u, ~bits, (bits & 0x80000000u) != 0u);
}
