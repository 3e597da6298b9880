/** What a draw of noise is for; part of the key, so that no two purposes share bits. */
export const PURPOSE = {
  token: 0,
  draft: 1,
  accept: 2,
  residual: 3,
  unmask: 4,
  order: 5,
  remask: 6,
  resample: 7,
  xtc: 8,
} as const;

/** A number of `PURPOSE`. */
export type Purpose = (typeof PURPOSE)[keyof typeof PURPOSE];

const PARITY = 0x1bd11bda;

/** Threefry-2x32-20 (Salmon et al. 2011): the two output words for a key and a counter, unsigned. */
export function threefry2x32(key0: number, key1: number, counter0: number, counter1: number): [number, number] {
  // Keys in variables that take turns, and whole numbers of 32 bits throughout: this is made for each of millions of draws.
  let now = key1 | 0;
  let next = PARITY ^ key0 ^ key1;
  let last = key0 | 0;
  let x0 = (counter0 + last) | 0;
  let x1 = (counter1 + now) | 0;
  for (let injection = 1; injection <= 5; injection++) {
    const isOdd = (injection & 1) === 1;
    x0 = (x0 + x1) | 0;
    x1 = rotated(x1, isOdd ? 13 : 17) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotated(x1, isOdd ? 15 : 29) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotated(x1, isOdd ? 26 : 16) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotated(x1, isOdd ? 6 : 24) ^ x0;
    x0 = (x0 + now) | 0;
    x1 = (x1 + next + injection) | 0;
    const used = now;
    now = next;
    next = last;
    last = used;
  }
  return [x0 >>> 0, x1 >>> 0];
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/**
 * A uniform variate strictly between 0 and 1, a pure function of its arguments: key (seed, purpose * 2^24 + draw),
 * counter (position, token). Its small values are finely resolved: the first word's leading zeros are the exponent, the
 * second word's high bits the mantissa. Exact in float32.
 */
export function uniform(seed: number, purpose: Purpose, position: number, draw: number, token: number): number {
  const [w0, w1] = threefry2x32(seed, purpose * 0x1000000 + draw, position, token);
  return (1 + (w1 >>> 9) * 2 ** -23) * 2 ** -(Math.clz32(w0) + 1);
}

/**
 * An Exp(1) variate from the uniform one of the same arguments, so that its small values, which are the ones that win,
 * are finely resolved. Rounded to float32 where the WGSL twin rounds; the two agree to a few ulp.
 */
export function exponential(seed: number, purpose: Purpose, position: number, draw: number, token: number): number {
  const u = uniform(seed, purpose, position, draw, token);
  return Math.fround(u < 2 ** -10 ? u + (u * u) / 2 : -Math.log(Math.fround(1 - u)));
}
