// Configs as they stand on the hub, and what transformers makes of them (tests/fixtures/families/make_hub_configs.py).
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { windows } from "../testing/fixture-configs.js";
import type { LayerSpec } from "./architecture.js";
import { parseConfig } from "./config.js";

type Rope = [channels: number, second: number, last: number, scale: number] | null;

interface Golden {
  name: string;
  config: object;
  facts: {
    numHeads: number;
    numKeyValueHeads: number;
    headDim: number;
    vocabSize: number;
    maxLength: number;
    tied: boolean;
    windows: (number | null)[];
    ropes: { first: Rope; last: Rope };
  };
}

const GOLDENS = JSON.parse(
  readFileSync(new URL("../../tests/fixtures/families/hub-configs.json", import.meta.url), "utf8"),
) as Golden[];

it.each(GOLDENS)("$name", ({ config, facts: { windows: wanted, ropes, ...facts } }) => {
  const architecture = parseConfig(config);
  expect(architecture).toMatchObject(facts);
  expect(windows(architecture)).toEqual(wanted);
  const { layers } = architecture;
  const check = ({ attention: { rope } }: LayerSpec, golden: Rope) => {
    if (golden === null) return expect(rope).toBeNull();
    const [channels, second, last, scale] = golden;
    expect(rope?.rotaryDim).toBe(channels);
    expect((rope?.inverseFrequencies[1] ?? 0) / second).toBeCloseTo(1, 5);
    expect((rope?.inverseFrequencies.at(-1) ?? 0) / last).toBeCloseTo(1, 5);
    expect(rope?.attentionScale).toBeCloseTo(scale, 6);
  };
  check(layers[0], ropes.first);
  check(layers[layers.length - 1], ropes.last);
});
