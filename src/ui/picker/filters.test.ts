import { expect, it } from "vitest";
import type { MethodInfo } from "../../worker/client.js";
import { FILTERS, type FilterName, matching, type Offered } from "./filters.js";

const axes = {
  lossless: true,
  training: false,
  secondModel: false,
  revises: false,
  cached: true,
  order: "left-to-right",
};
const offered = [
  { name: "Plain", idea: "One token.", axes, refusal: null },
  { name: "Head", idea: "A chain.", paper: "EAGLE", axes: { ...axes, training: true }, refusal: "no head" },
  {
    name: "Masks",
    idea: "Again.",
    axes: { ...axes, lossless: false, revises: true, cached: false, order: "block" },
    refusal: null,
  },
  { name: "Pair", idea: "Two models.", axes: { ...axes, secondModel: true }, refusal: null },
].map(({ refusal, ...card }) => ({
  method: { id: card.name, here: "", weights: "", options: {}, decoders: ["x"], figure: null, ...card } as MethodInfo,
  decoder: "x",
  options: {},
  refusal,
})) satisfies Offered[];

const names = (only: FilterName[], text = "", order: "block" | null = null) =>
  matching(offered, { text, only: new Set(only), order }).map(({ method }) => method.name);

it("each filter leaves the methods that are so, those that can run first, several those that are all of it, and words those on whose card they stand", () => {
  expect(Object.keys(FILTERS).map((name) => [name, names([name as FilterName]).join()])).toEqual([
    ["runs", "Plain,Masks,Pair"],
    ["lossless", "Plain,Pair,Head"],
    ["untrained", "Plain,Masks,Pair"],
    ["single", "Plain,Masks,Head"],
    ["revises", "Masks"],
    ["cached", "Plain,Pair,Head"],
  ]);
  expect(names(["runs", "lossless", "single"])).toEqual(["Plain"]);
  expect(names([], "eagle CHAIN")).toEqual(["Head"]);
  expect(names([], "", "block")).toEqual(["Masks"]);
  expect(names(["revises"], "plain")).toEqual([]);
});
