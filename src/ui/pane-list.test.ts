// @vitest-environment happy-dom
import { expect, it } from "vitest";
import type { DecoderInfo } from "../worker/client.js";
import { COMPARED } from "./default-panes.js";
import { PaneList } from "./pane-list.js";

const infos = [
  { name: "autoregressive", label: "Autoregressive", options: { seed: {} } },
  { name: "block-diffusion", label: "Block diffusion", options: { infill: {} } },
  { name: "momentum", label: "Momentum", options: {} },
  { name: "speculative", label: "Speculative", options: { drafter: {} } },
] as unknown as DecoderInfo[];

const host = { requestUpdate() {}, onPaneEvent() {}, onPaneError() {} };

/** A list with the panes that a page begins with. */
function begun() {
  const made: string[] = [];
  const list = new PaneList(
    host,
    () => infos,
    ({ name }) => made.push(name),
  );
  list.become(COMPARED.map(({ decoder }) => decoder));
  const names = () => list.all.map(({ name }) => name);
  const labels = () => list.all.map(({ label }) => label);
  return { list, names, labels, made };
}

it("begins with three panes, grows to six and shrinks to one, each by a name and a label of its own", () => {
  const { list, names, labels, made } = begun();
  expect(names()).toEqual(["autoregressive", "diffusion", "speculative"]);
  expect(labels()).toEqual(["Autoregressive", "Diffusion", "Speculative"]);
  list.add("speculative");
  list.add("momentum");
  expect(list.hasRoom).toBe(true);
  list.add("speculative");
  expect(list.hasRoom).toBe(false);
  const all = ["autoregressive", "diffusion", "speculative", "speculative-2", "momentum", "speculative-3"];
  expect(names()).toEqual(all);
  expect(made).toEqual(all);
  expect(labels().slice(3)).toEqual(["Speculative 2", "Momentum", "Speculative 3"]);
  expect(list.all.map(({ kind }) => kind)).toEqual([
    "autoregressive",
    "diffusion",
    "speculative",
    "speculative",
    "autoregressive",
    "speculative",
  ]);
  // A number that is free again is the next one's, and no pane is renamed meanwhile.
  list.remove(list.all[3]);
  list.add("speculative");
  expect(names()).toEqual(["autoregressive", "diffusion", "speculative", "momentum", "speculative-3", "speculative-2"]);
  for (const pane of list.all) list.remove(pane);
  expect(names()).toEqual(["speculative-2"]);
});

it("a duplicate stands behind its like with all that is set in it, and goes its own way from there", () => {
  const { list, names } = begun();
  const [, diffusion] = list.all;
  diffusion.choose("common", { temperature: 0 });
  diffusion.choose("block-diffusion", { block_length: 4 });
  diffusion.choose("momentum", { alpha: 0.5 });
  const twin = list.duplicate(diffusion);
  expect(names()).toEqual(["autoregressive", "diffusion", "diffusion-2", "speculative"]);
  for (const group of ["common", "block-diffusion", "momentum"]) {
    expect(twin.chosenOf(group)).toEqual(diffusion.chosenOf(group));
  }
  twin.choose("block-diffusion", { block_length: 8 });
  expect(diffusion.chosenOf("block-diffusion")).toEqual({ block_length: 4 });
});

it("a pane that changes its decoder takes its name, label and kind; other panes keep theirs", () => {
  const { list, names, labels } = begun();
  list.change(list.all[1], "speculative");
  expect(names()).toEqual(["autoregressive", "speculative-2", "speculative"]);
  expect(labels()).toEqual(["Autoregressive", "Speculative 2", "Speculative"]);
  expect(list.all[1].kind).toBe("speculative");
  list.change(list.all[1], "speculative");
  expect(names()).toEqual(["autoregressive", "speculative-2", "speculative"]);
  list.change(list.all[1], "block-diffusion");
  expect(names()).toEqual(["autoregressive", "diffusion", "speculative"]);
});

it("becomes any one to six decoders by the names that they have in order, and keeps the panes that stay as they are", () => {
  const { list, names } = begun();
  const [, diffusion, speculative] = list.all;
  list.become(["speculative", "block-diffusion", "speculative"]);
  expect(names()).toEqual(["speculative", "diffusion", "speculative-2"]);
  expect(list.all[0]).toBe(speculative);
  expect(list.all[1]).toBe(diffusion);
  list.become(Array(7).fill("momentum"));
  expect(names()).toEqual(["momentum", ...[2, 3, 4, 5, 6].map((number) => `momentum-${number}`)]);
});

it("gives the panes of an address the labels of their decoders once the tables are there", () => {
  let tables: readonly DecoderInfo[] = [];
  const list = new PaneList(
    host,
    () => tables,
    () => {},
  );
  list.become(["momentum", "momentum"]);
  expect(list.all.map(({ label }) => label)).toEqual(["momentum", "momentum 2"]);
  const before = list.all;
  tables = infos;
  list.become(["momentum", "momentum"]);
  expect(list.all.map(({ label }) => label)).toEqual(["Momentum", "Momentum 2"]);
  expect(list.all).toEqual(before);
});
