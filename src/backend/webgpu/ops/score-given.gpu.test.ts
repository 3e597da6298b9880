import { expect, it } from "vitest";
import { fileBed } from "../../../testing/file-device.js";
import { bits, numbers } from "../../../testing/test-bed.js";
import { makeOp } from "./op.js";
import { selectStep } from "./select-step.js";
import { SELECT_WORDS } from "./selection.js";

const bed = await fileBed();

it.each([
  { rows: 1, vocab: 1 },
  { rows: 1, vocab: 151_937 },
  { rows: 3, vocab: 67 },
  { rows: 64, vocab: 513 },
  { rows: 65, vocab: 4099 },
  { rows: 257, vocab: 5 },
])("score_given is float64's log-probability of a token of each of $rows rows of $vocab", async ({ rows, vocab }) => {
  const { queue, results, device } = bed.gpu;
  const logits = numbers(rows + vocab, rows * vocab).map((x) => 12 * x);
  // The first and the last of a vocabulary among them.
  const tokens = Array.from({ length: rows }, (_, row) =>
    row % 3 === 0 ? vocab - 1 : row % 3 === 1 ? 0 : row % vocab,
  );
  const logSums = tokens.map((_, row) => {
    const own = logits.subarray(row * vocab, (row + 1) * vocab);
    return Math.log(own.reduce((sum, logit) => sum + Math.exp(logit), 0));
  });
  const { offset: result } = results.reserve(rows * (SELECT_WORDS + 1));
  queue.flush();
  const records = new Uint32Array(rows * (SELECT_WORDS + 1)).fill(7);
  for (const [row, sum] of logSums.entries()) records[rows * 2 + row * 2 + 1] = bits(sum);
  device.queue.writeBuffer(results.buffer, result * 4, records);
  const answers = result + rows * SELECT_WORDS;
  const step = selectStep(queue, { numRows: rows, result, vocab, parents: bed.inputs(tokens), k: answers });
  const bindings = [bed.floats("logits", logits), queue.inputs.buffer, results.buffer];
  makeOp(bed.gpu, "score_given", {}, bindings).record(step, rows);
  const scores = await bed.readFloats(results.buffer, rows, answers);
  for (const [row, token] of tokens.entries()) {
    const logit = logits[row * vocab + token];
    // Of the float32 sum that was given, rounded once.
    expect(scores[row]).toBe(Math.fround(logit - Math.fround(logSums[row])));
    expect(Math.abs(scores[row] - (logit - logSums[row]))).toBeLessThan(4e-6);
  }
  // The records are as they were.
  expect(await bed.readWords(results.buffer, rows * SELECT_WORDS, result)).toEqual(
    records.subarray(0, rows * SELECT_WORDS),
  );
});
