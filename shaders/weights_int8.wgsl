// what: four weights of q8 or q4 storage as signed bytes, and the sum of products of two such words
// in: words of the storage, as in weights.wgsl
// constants: WEIGHT = q8 | q4, PACKED (the language has packed dot products)
// share: -
// source: own; whole numbers, so both ways to multiply give the same. q4 nibbles become the upper half of a byte: 16 times their value
#if PACKED
fn dot_of_four(a: u32, b: u32) -> i32 { return dot4I8Packed(a, b); }
#else
fn dot_of_four(a: u32, b: u32) -> i32 {
  let p = bitcast<i32>(a);
  let q = bitcast<i32>(b);
  return extractBits(p, 0u, 8u) * extractBits(q, 0u, 8u) + extractBits(p, 8u, 8u) * extractBits(q, 8u, 8u)
    + extractBits(p, 16u, 8u) * extractBits(q, 16u, 8u) + extractBits(p, 24u, 8u) * extractBits(q, 24u, 8u);
}
#endif
#if WEIGHT == q8
const CODE_UNIT = 1.0;
fn signed_0(w: u32) -> u32 { return w ^ 0x80808080u; }
#endif
#if WEIGHT == q4
const CODE_UNIT = 1.0 / 16.0;
// By a product, since some adapters shift lane by lane.
fn signed_0(w: u32) -> u32 { return ((w * 16u) & 0xf0f0f0f0u) ^ 0x80808080u; }
fn signed_1(w: u32) -> u32 { return (w & 0xf0f0f0f0u) ^ 0x80808080u; }
#endif
