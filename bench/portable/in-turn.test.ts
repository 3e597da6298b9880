import { describe, expect, it } from "vitest";
import { runInTurn } from "./in-turn.js";
import type { Ended, Outcome } from "./outcome.js";

const SECTIONS = ["adapter", "products", "speed"].map((name) => ({ name, title: name }));
const found = (data: unknown): Ended => ({ data });

/** Runs sections that end as `ends` says; null: never, until they are stopped. */
async function report(ends: Record<string, Ended | null>, { limitMs = 1e6, stopAt = "", kept = [] as Outcome[] } = {}) {
  const abort = new AbortController();
  const begun: [name: string, earlier: string[]][] = [];
  const killed: string[] = [];
  const saved: string[][] = [];
  const outcomes = await runInTurn(SECTIONS, {
    start(name, earlier) {
      begun.push([name, Object.keys(earlier)]);
      let die = (_: Ended) => {};
      const hanging = new Promise<Ended>((resolve) => {
        die = resolve;
      });
      if (name === stopAt) queueMicrotask(() => abort.abort());
      const end = ends[name];
      return {
        ended: end === null ? hanging : Promise.resolve(end),
        stop() {
          if (end !== null) return;
          killed.push(name);
          die({ status: "failed", why: "killed" });
        },
      };
    },
    kept: new Map(kept.map((outcome) => [outcome.name, outcome])),
    save: (all: readonly Outcome[]) => void saved.push(all.map(({ status }) => status)),
    say: () => {},
    signal: abort.signal,
    limitMs,
    clock: () => 0,
  });
  return { outcomes, statuses: outcomes.map(({ status }) => status), begun, killed, saved };
}

describe("sections of a report", () => {
  it("run one after the other, each with what those before it found", async () => {
    const { outcomes, begun, saved } = await report({ adapter: found(1), products: found(2), speed: found(3) });
    expect(outcomes.map(({ status, data }) => [status, data])).toEqual([
      ["done", 1],
      ["done", 2],
      ["done", 3],
    ]);
    expect(begun.map(([, earlier]) => earlier)).toEqual([[], ["adapter"], ["adapter", "products"]]);
    // A report is there after each of them.
    expect(saved.map((all) => all.length)).toEqual([1, 2, 3]);
  });

  it("that an earlier report has aren't run again, and the others get what it found", async () => {
    const adapter: Outcome = { name: "adapter", title: "adapter", status: "done", elapsedMs: 7, data: 1 };
    const { outcomes, begun } = await report({ products: found(2), speed: found(3) }, { kept: [adapter] });
    expect(outcomes[0]).toEqual(adapter);
    expect(begun).toEqual([
      ["products", ["adapter"]],
      ["speed", ["adapter", "products"]],
    ]);
  });

  it("that fail or make no sense here are reported so, and the rest goes on", async () => {
    const products: Ended = { status: "failed", why: "its process ended by SIGSEGV" };
    const { outcomes, begun } = await report({
      adapter: found(1),
      products,
      speed: { status: "not run", why: "small" },
    });
    expect(outcomes[1]).toMatchObject(products);
    expect(outcomes[2]).toMatchObject({ status: "not run", why: "small" });
    expect(begun[2]).toEqual(["speed", ["adapter"]]);
  });

  it("that hang are ended after their time, and the rest goes on", async () => {
    const { outcomes, killed, statuses } = await report(
      { adapter: found(1), products: null, speed: found(3) },
      { limitMs: 5 },
    );
    expect(statuses).toEqual(["done", "failed", "done"]);
    expect(outcomes[1].why).toMatch(/more than .* minutes/);
    expect(killed).toEqual(["products"]);
  });

  it("aren't begun without an adapter", async () => {
    const { statuses, begun } = await report({ adapter: { status: "failed", why: "none" } });
    expect(statuses).toEqual(["failed", "not run", "not run"]);
    expect(begun).toHaveLength(1);
  });

  it("end with a stop, which leaves what was done", async () => {
    const { statuses, killed, begun, saved } = await report(
      { adapter: found(1), products: null },
      { stopAt: "products" },
    );
    expect(statuses).toEqual(["done", "stopped", "stopped"]);
    expect(killed).toEqual(["products"]);
    expect(begun).toHaveLength(2);
    expect(saved.at(-1)).toEqual(statuses);
  });
});
