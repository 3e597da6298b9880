// what: u and E of (seed, purpose, position, draw, token): a uniform and an exponential variate that resolve small values
// in: five integers; Threefry-2x32-20 with key (seed, purpose 2^24 + draw) and counter (position, token)
// constants: none
// share: -
// source: Salmon et al. 2011 (Random123); the same recipe on the CPU is src/sampling/noise.ts
const PURPOSE_TOKEN: u32 = 0u;
const PURPOSE_ACCEPT: u32 = 2u;
const PURPOSE_RESIDUAL: u32 = 3u;
const PURPOSE_ORDER: u32 = 5u;

fn threefry2x32(key: vec2<u32>, counter: vec2<u32>) -> vec2<u32> {
  let k0 = key.x;
  let k1 = key.y;
  let k2 = 0x1bd11bdau ^ k0 ^ k1;
  var a = counter.x + k0;
  var b = counter.y + k1;
  a += b; b = ((b << 13u) | (b >> 19u)) ^ a;
  a += b; b = ((b << 15u) | (b >> 17u)) ^ a;
  a += b; b = ((b << 26u) | (b >> 6u)) ^ a;
  a += b; b = ((b << 6u) | (b >> 26u)) ^ a;
  a += k1;
  b += k2 + 1u;
  a += b; b = ((b << 17u) | (b >> 15u)) ^ a;
  a += b; b = ((b << 29u) | (b >> 3u)) ^ a;
  a += b; b = ((b << 16u) | (b >> 16u)) ^ a;
  a += b; b = ((b << 24u) | (b >> 8u)) ^ a;
  a += k2;
  b += k0 + 2u;
  a += b; b = ((b << 13u) | (b >> 19u)) ^ a;
  a += b; b = ((b << 15u) | (b >> 17u)) ^ a;
  a += b; b = ((b << 26u) | (b >> 6u)) ^ a;
  a += b; b = ((b << 6u) | (b >> 26u)) ^ a;
  a += k0;
  b += k1 + 3u;
  a += b; b = ((b << 17u) | (b >> 15u)) ^ a;
  a += b; b = ((b << 29u) | (b >> 3u)) ^ a;
  a += b; b = ((b << 16u) | (b >> 16u)) ^ a;
  a += b; b = ((b << 24u) | (b >> 8u)) ^ a;
  a += k1;
  b += k2 + 4u;
  a += b; b = ((b << 13u) | (b >> 19u)) ^ a;
  a += b; b = ((b << 15u) | (b >> 17u)) ^ a;
  a += b; b = ((b << 26u) | (b >> 6u)) ^ a;
  a += b; b = ((b << 6u) | (b >> 26u)) ^ a;
  a += k2;
  b += k0 + 5u;
  return vec2<u32>(a, b);
}

// u = m 2^-(lz + 1) with m in [1, 2): uniform on (0, 1) with small values finely resolved.
fn uniform_variate(seed: u32, purpose: u32, position: u32, draw: u32, token: u32) -> f32 {
  let w = threefry2x32(vec2<u32>(seed, (purpose << 24u) + draw), vec2<u32>(position, token));
  let mantissa = 1.0 + f32(w.y >> 9u) * 0x1p-23;
  return ldexp(mantissa, -i32(countLeadingZeros(w.x)) - 1);
}

// E = -log(1 - u).
fn exponential(seed: u32, purpose: u32, position: u32, draw: u32, token: u32) -> f32 {
  let u = uniform_variate(seed, purpose, position, draw, token);
  return select(-log(1.0 - u), u + 0.5 * u * u, u < 0x1p-10);
}
