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

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24];
const PARITY = 0x1bd11bda;

/** Threefry-2x32-20 (Salmon et al. 2011): the two output words for a key and a counter, unsigned. */
export function threefry2x32(key0: number, key1: number, counter0: number, counter1: number): [number, number] {
  // In variables that take turns: an array would be made for each of millions of draws.
  let [now, next, last] = [key1, PARITY ^ key0 ^ key1, key0];
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  for (let round = 0; round < 20; round++) {
    const rotation = ROTATIONS[round & 7];
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << rotation) | (x1 >>> (32 - rotation))) ^ x0;
    if ((round & 3) === 3) {
      x0 = (x0 + now) | 0;
      x1 = (x1 + next + ((round + 1) >> 2)) | 0;
      [now, next, last] = [next, last, now];
    }
  }
  return [x0 >>> 0, x1 >>> 0];
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
