// what: four neighbouring weights as f32, from f32, bf16 or f16 storage
// in: i counts groups of four in a row-major matrix whose rows are padded to a multiple of four
// constants: WEIGHT = f32 | bf16 | f16
// share: -
// source: own; widening is exact, so the three storages of one value give the same bits
#if WEIGHT == f32
alias Weight4 = vec4<f32>;
fn widen4(w: Weight4) -> vec4<f32> { return w; }
#endif
#if WEIGHT == bf16
alias Weight4 = vec2<u32>;
fn widen4(w: Weight4) -> vec4<f32> {
  return bitcast<vec4<f32>>(vec4<u32>(w.x << 16u, w.x & 0xffff0000u, w.y << 16u, w.y & 0xffff0000u));
}
#endif
#if WEIGHT == f16
alias Weight4 = vec2<u32>;
fn widen4(w: Weight4) -> vec4<f32> {
  return vec4<f32>(unpack2x16float(w.x), unpack2x16float(w.y));
}
#endif
