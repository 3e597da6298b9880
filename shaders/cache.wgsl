// what: four neighbouring numbers of a cached head as f32, and back
// in: a cell of the cache. f16: two halves a word. q8: signed bytes in units of 1/127 of the head's largest magnitude, which is a cell of its own behind them
// constants: CACHE = f32 | f16 | q8
// share: -
// source: own. What isn't finite stays so: f16 has no code for numbers beyond 65,504, which become that
#if CACHE == f32
alias Cell = vec4<f32>;
fn opened(cell: Cell) -> vec4<f32> { return cell; }
#endif
#if CACHE == f16
alias Cell = vec2<u32>;
fn opened(cell: Cell) -> vec4<f32> { return vec4<f32>(unpack2x16float(cell.x), unpack2x16float(cell.y)); }
fn half_pair(pair: vec2<f32>) -> u32 {
  // What packing makes of a number without a half is the device's own choice.
  let is_odd = (bitcast<vec2<u32>>(pair) & vec2<u32>(0x7f800000u)) == vec2<u32>(0x7f800000u);
  let halves = pack2x16float(clamp(pair, vec2<f32>(-65504.0), vec2<f32>(65504.0)));
  return select(halves, 0x7e007e00u, any(is_odd));
}
fn closed(four: vec4<f32>, peak: f32) -> Cell { return vec2<u32>(half_pair(four.xy), half_pair(four.zw)); }
#endif
#if CACHE == q8
alias Cell = u32;
fn opened(cell: Cell) -> vec4<f32> { return unpack4x8snorm(cell); }
fn closed(four: vec4<f32>, peak: f32) -> Cell { return pack4x8snorm(four * (1.0 / max(peak, 1e-30))); }
#endif
