/** Added to the score of a key that a row doesn't see: finite, as the runtime's softmax wants it. */
const UNSEEN = -3.4028234663852886e38;

/**
 * Added to the score of a row of zeros behind the keys: what a row attends to that sees none. Beside any other score its weight is 0.
 */
const NOTHING = -1e30;

/** Keys are padded to a multiple of so many: the runtime then adds up a row's softmax alike, however many keys other rows brought. */
const KEY_STEP = 16;

/** Rows of zeros behind so many keys, at least one. */
export function paddingOf(numKeys: number): number {
  return KEY_STEP - (numKeys % KEY_STEP);
}

/** Who sees whom in one forward. */
export interface KeyView {
  /** `[N]` */
  positions: Int32Array;
  /** `[P]`, of the rows before. */
  past: Int32Array;
  /** As `GraphFeeds.bias`. */
  bias: Float32Array | null;
  /** A row sees keys that are less than so many positions before its own; null: all. */
  window: number | null;
}

/** What is added to the scores of each row and key, `[N, P + N + padding]`. */
export function keyBias({ positions, past, bias, window }: KeyView): Float32Array<ArrayBuffer> {
  const numRows = positions.length;
  const numKeys = past.length + numRows;
  const stride = numKeys + paddingOf(numKeys);
  const out = new Float32Array(numRows * stride);
  for (let row = 0; row < numRows; row++) {
    const start = row * stride;
    if (bias) {
      for (let key = 0; key < numKeys; key++) out[start + key] = Math.max(bias[row * numKeys + key], UNSEEN);
    } else {
      out.fill(UNSEEN, start + past.length + row + 1, start + numKeys);
    }
    if (window !== null) {
      const first = positions[row] - window;
      for (let key = 0; key < numKeys; key++) {
        const position = key < past.length ? past[key] : positions[key - past.length];
        if (position <= first) out[start + key] = UNSEEN;
      }
    }
    out.fill(NOTHING, start + numKeys, start + stride);
  }
  return out;
}
