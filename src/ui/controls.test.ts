import { describe, expect, it } from "vitest";
import type { DecoderInfo } from "../worker/client.js";
import { applicable, withChoice } from "../vocabulary/chosen.js";
import { splitForemost, splitOptions } from "./controls.js";
import { readMap } from "./map-field.js";

const OPTIONS: [string, DecoderInfo["options"][string]][] = [
  ["drafter", { type: "enum", label: "", doc: "", values: ["model", "suffix", "lookahead"], default: "model" }],
  ["corpus", { type: "ids", label: "", doc: "", default: null, when: { drafter: ["suffix"] } }],
  ["window", { type: "integer", label: "", doc: "", default: null, when: { drafter: ["lookahead"] } }],
  ["rule", { type: "enum", label: "", doc: "", values: ["quota", "factor"], default: null }],
  ["steps", { type: "integer", label: "", doc: "", default: null, when: { rule: ["quota", "null"] } }],
  ["temperature", { type: "number", label: "", doc: "", default: 0 }],
];
const namesFor = (chosen: Record<string, unknown>) => applicable(OPTIONS, chosen).map(([name]) => name);

describe("splitOptions", () => {
  it("gives what all take once, and no control to what the prompt and its neighbours say", () => {
    const [drafter, corpus] = OPTIONS.map(([, option]) => option);
    const common = { temperature: drafter, top_k: drafter };
    const infos = [
      { name: "a", options: { ...common, infill: drafter, order: corpus } },
      { name: "b", options: common },
    ] as unknown as DecoderInfo[];
    const split = splitOptions(infos);
    expect(split.common.map(([name]) => name)).toEqual(["top_k"]);
    expect([...split.own].map(([name, own]) => [name, own.map(([option]) => option)])).toEqual([
      ["a", ["order"]],
      ["b", []],
    ]);
  });
});

describe("splitForemost", () => {
  const namesOf = (chosen: Record<string, unknown>, foremost?: string[]) => {
    const { front, rest } = splitForemost(applicable(GROUPED, chosen), chosen, foremost);
    return [front, rest].map((options) => options.map(([name]) => name).join(" "));
  };
  const GROUPED = [
    ...OPTIONS,
    ["order", { type: "number", label: "", doc: "", default: 0, group: "Order" }],
  ] as typeof OPTIONS;

  it("puts first what matters, in its own order, and what a value that was chosen there asks for", () => {
    expect(namesOf({}, ["rule", "drafter"])).toEqual(["rule drafter", "steps temperature order"]);
    expect(namesOf({ drafter: "suffix" }, ["rule", "drafter"])).toEqual([
      "rule drafter corpus",
      "steps temperature order",
    ]);
  });

  it("leaves first all that has no heading where nothing is said to matter", () => {
    expect(namesOf({})).toEqual(["drafter rule steps temperature", "order"]);
  });
});

describe("readMap", () => {
  it("reads pairs of an id and a number, and leaves for the decoder to refuse what is none", () => {
    expect(readMap("5:-2, 9: 1.5,")).toEqual({ 5: -2, 9: 1.5 });
    expect(readMap(" ")).toBeUndefined();
    expect(readMap("5:0x10")).toEqual({ 5: "0x10" });
    expect(readMap("5")).toEqual({ 5: "" });
    expect(readMap("5:")).toEqual({ 5: "" });
    expect(readMap("5:1:2")).toEqual({ 5: "1:2" });
    expect(readMap("5:1, 5:2")).toBe("5:1, 5:2");
  });
});

describe("applicable", () => {
  it("leaves out what the chosen drafter refuses, by the default where none is chosen", () => {
    expect(namesFor({})).toEqual(["drafter", "rule", "steps", "temperature"]);
    expect(namesFor({ drafter: "suffix" })).toEqual(["drafter", "corpus", "rule", "steps", "temperature"]);
    expect(namesFor({ rule: "factor" })).toEqual(["drafter", "rule", "temperature"]);
  });
});

describe("withChoice", () => {
  it("sets a value or its default, and drops what no longer applies", () => {
    const chosen = { drafter: "suffix", corpus: "a text", temperature: 1 };
    expect(withChoice(OPTIONS, chosen, "drafter", "lookahead")).toEqual({ drafter: "lookahead", temperature: 1 });
    expect(withChoice(OPTIONS, chosen, "corpus", undefined)).toEqual({ drafter: "suffix", temperature: 1 });
    expect(withChoice(OPTIONS, chosen, "corpus", "b")).toEqual({ ...chosen, corpus: "b" });
  });
});
