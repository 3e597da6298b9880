/** Values of a reference op, and per value the sum of the magnitudes that were added: rounding is proportional to it. */
export interface Reference {
  values: Float64Array;
  magnitudes: Float64Array;
}

type Numbers = ArrayLike<number>;

/** y[m][n] = sum_k x[m][k] w[n][k] (+ bias[n]) in float64. */
export function matmul(x: Numbers, w: Numbers, shape: { m: number; n: number; k: number }, bias?: Numbers): Reference {
  const { m, n, k } = shape;
  const values = new Float64Array(m * n);
  const magnitudes = new Float64Array(m * n);
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      let sum = bias?.[column] ?? 0;
      let size = Math.abs(sum);
      for (let i = 0; i < k; i++) {
        const product = x[row * k + i] * w[column * k + i];
        sum += product;
        size += Math.abs(product);
      }
      values[row * n + column] = sum;
      magnitudes[row * n + column] = size;
    }
  }
  return { values, magnitudes };
}

/** The error function to float64 accuracy: its series near 0, the continued fraction of 1 - erf further out. */
function erf(x: number): number {
  const z = Math.abs(x);
  if (z > 6) return Math.sign(x);
  if (z < 2.5) {
    let term = z;
    let sum = z;
    for (let n = 1; n < 80; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = z;
  for (let n = 60; n > 0; n--) fraction = z + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-z * z) / (fraction * Math.sqrt(Math.PI)));
}

/** x · sigmoid(x), exact GELU, GELU by tanh, or x where it is positive. */
export function activate(kind: "silu" | "gelu" | "gelu_tanh" | "relu", x: number): number {
  if (kind === "relu") return Math.max(0, x);
  if (kind === "silu") return x / (1 + Math.exp(-x));
  if (kind === "gelu") return 0.5 * x * (1 + erf(x / Math.SQRT2));
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

/** One row divided by its root mean square, times `weight`. */
export function rmsNorm(x: Numbers, weight: Numbers, eps: number): Float64Array {
  const row = Float64Array.from(x);
  const scale = 1 / Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / row.length + eps);
  return row.map((value, i) => value * scale * weight[i]);
}

/** One row to mean 0 and variance 1, times `weight` plus `bias`. */
export function layerNorm(x: Numbers, weight: Numbers, bias: Numbers, eps: number): Float64Array {
  const row = Float64Array.from(x);
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
  const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
  return row.map((value, i) => ((value - mean) / Math.sqrt(variance + eps)) * weight[i] + bias[i]);
}

/** One head rotated by `position`: channel i is paired with i + half; channels from 2 · half on stay. */
export function rotate(head: Numbers, position: number, inverseFrequencies: Numbers): Float64Array {
  const half = inverseFrequencies.length;
  const out = Float64Array.from(head);
  for (let i = 0; i < half; i++) {
    const [cosine, sine] = [Math.cos(position * inverseFrequencies[i]), Math.sin(position * inverseFrequencies[i])];
    out[i] = head[i] * cosine - head[i + half] * sine;
    out[i + half] = head[i + half] * cosine + head[i] * sine;
  }
  return out;
}

/** A number that stays softly within ± cap; without one, as it is. */
export function softCap(x: number, cap?: number): number {
  return cap === undefined ? x : cap * Math.tanh(x / cap);
}

/** Softmax attention of one head over the given keys, scores bounded by `cap` if there is one; zeros when there are no keys. */
export function attend(
  query: Numbers,
  keys: readonly Numbers[],
  values: readonly Numbers[],
  scale: number,
  cap?: number,
): Float64Array {
  const score = (key: Numbers) => Array.from(query).reduce((sum, value, i) => sum + value * key[i], 0) * scale;
  const scores = keys.map((key) => softCap(score(key), cap));
  const top = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - top));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Float64Array.from(query, (_, i) => {
    return total === 0 ? 0 : weights.reduce((sum, weight, key) => sum + weight * values[key][i], 0) / total;
  });
}

/** The k largest logits, largest first, lowest id first on ties, with their log-probabilities. */
export function topK(logits: Numbers, k: number): { token: number; logprob: number }[] {
  const row = Float64Array.from(logits);
  const top = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const logSum = top + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
  const ids = Array.from(row.keys()).sort((a, b) => row[b] - row[a] || a - b);
  return ids.slice(0, k).map((token) => ({ token, logprob: row[token] - logSum }));
}
