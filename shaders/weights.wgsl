// what: GROUPS times four neighbouring weights as f32, from f32, bf16, f16, q8 or q4 storage
// in: a word of the storage; q8: a byte a weight, 128 more than its value; q4: word = weights 0-3 in the low nibbles, 4-7 in the high
// constants: WEIGHT = f32 | bf16 | f16 | q8 | q4; of the last two also MINS (a block has a least weight beside its scale; a nibble is a whole number from 0 on)
// share: -
// source: own; widening is exact, so the first three storages of one value give the same bits. q8, q4 are in units of a block's scale
#if WEIGHT == f32
alias Weight = vec4<f32>;
fn widen_0(w: Weight) -> vec4<f32> { return w; }
#endif
#if WEIGHT == bf16
alias Weight = vec2<u32>;
// Products, since some adapters shift lane by lane.
fn widen_0(w: Weight) -> vec4<f32> {
  return bitcast<vec4<f32>>(vec4<u32>(w.x * 65536u, w.x & 0xffff0000u, w.y * 65536u, w.y & 0xffff0000u));
}
#endif
#if WEIGHT == f16
alias Weight = vec2<u32>;
fn widen_0(w: Weight) -> vec4<f32> {
  return vec4<f32>(unpack2x16float(w.x), unpack2x16float(w.y));
}
#endif
#if WEIGHT == q8
alias Weight = u32;
// Conversion may be off by 3 ULP, which rounding takes away. It is cheaper than shifts, which some adapters do lane by lane.
fn widen_0(w: Weight) -> vec4<f32> { return round(unpack4x8unorm(w) * 255.0) - 128.0; }
#endif
#if WEIGHT == q4
alias Weight = u32;
#if MINS
const ZERO = 0.0;
#else
const ZERO = 8.0;
#endif
fn widen_0(w: Weight) -> vec4<f32> { return round(unpack4x8unorm(w & 0x0f0f0f0fu) * 255.0) - ZERO; }
fn widen_1(w: Weight) -> vec4<f32> { return round(unpack4x8unorm(w & 0xf0f0f0f0u) * 255.0) * 0.0625 - ZERO; }
#endif
#if QUANTISED
#if MINS
// Scale and least weight.
alias Scale = vec2<f32>;
fn weights_of(codes: vec4<f32>, scale: Scale) -> vec4<f32> { return codes * scale.x + scale.y; }
#else
alias Scale = f32;
fn weights_of(codes: vec4<f32>, scale: Scale) -> vec4<f32> { return codes * scale; }
#endif
#endif
