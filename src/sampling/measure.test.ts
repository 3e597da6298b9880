import { describe, expect, it } from "vitest";
import { GREEDY } from "../seam/sampler.js";
import { measureAs, withCredit } from "./measure.js";

/** Logits whose law is made up of these powers of a half. */
const halves = (...powers: number[]) => powers.map((power) => -power * Math.LN2);

describe("a row's statistics", () => {
  it.each([
    // Rising: each best token was the second before the next one came.
    [halves(3, 3, 2, 1), 3, 1 / 4],
    [halves(3, 1, 3, 2), 1, 1 / 4],
    [halves(1, 3, 3, 2), 0, 1 / 4],
    [halves(2, 3, 3, 1), 3, 1 / 4],
    [halves(2, 1, 2), 1, 1 / 4],
  ])("have the two likeliest tokens of %j wherever they stand", (logits, top, second) => {
    const measured = measureAs(0, logits, GREEDY);
    expect(measured.top.token).toBe(top);
    expect(Math.exp(measured.top.logprob)).toBeCloseTo(1 / 2, 12);
    expect(Math.exp(measured.secondLogprob)).toBeCloseTo(second, 12);
  });

  it("have no second of a single token", () => {
    expect(measureAs(0, [3], GREEDY).secondLogprob).toBe(Number.NEGATIVE_INFINITY);
  });
});

it("a credit fades by its decay, grows by the likeliest token's power, and weighs by its logarithm", () => {
  const logits = halves(1, 2, 3, 3);
  const rule = { keeps: "credit", decay: 0.5, power: 2, weight: 3 } as const;
  const first = withCredit(logits, null, rule, []);
  // (1/2)^2 for the likeliest.
  expect([...first.credits].map((credit) => credit.toFixed(12))).toEqual([0.25, 0, 0, 0].map((c) => c.toFixed(12)));
  const next = withCredit(logits, [0.8, 0.4, 0, 0], rule, []);
  const expected = [0.4 + 0.25, 0.2, 0, 0];
  for (const [id, credit] of expected.entries()) {
    expect(next.credits[id]).toBeCloseTo(credit, 12);
    expect(next.logits[id]).toBeCloseTo(logits[id] + 3 * Math.log(1 + credit), 12);
  }
});
