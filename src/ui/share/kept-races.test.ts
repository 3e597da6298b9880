// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";
import { keepRace, type KeptRace, listRaces, MOST_KEPT, onRaces, type RaceStore, removeRaces } from "./kept-races.js";

/** A browser's storage, in memory. */
class Memory implements RaceStore {
  races: KeptRace[] = [];
  async set(race: KeptRace) {
    this.races.push(race);
  }
  async all() {
    return [...this.races];
  }
  async remove(ids: readonly string[]) {
    this.races = this.races.filter(({ id }) => !ids.includes(id));
  }
}

/** The race of a day, with a trace of so many bytes. */
const race = (day: number, bytes = 10): KeptRace => ({
  ...{ id: `2026-11-${String(day).padStart(3, "0")}`, date: "2026-11-30", prompt: "a", panes: [] },
  trace: { size: bytes } as Blob,
});
const days = async (store: RaceStore) => (await listRaces(store)).map(({ id }) => Number(id.slice(-3)));

describe("races that are kept", () => {
  it("are listed with the newest first, whatever order the storage has", async () => {
    const store = new Memory();
    for (const day of [2, 3, 1]) await keepRace(race(day), store);
    expect(await days(store)).toEqual([3, 2, 1]);
    await removeRaces([race(2).id], store);
    expect(await days(store)).toEqual([3, 1]);
  });

  it("are so many at most: the oldest go first", async () => {
    const store = new Memory();
    for (let day = 1; day <= MOST_KEPT.races + 3; day++) await keepRace(race(day), store);
    const kept = await days(store);
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([50, 53, 4]);
  });

  it("have so many bytes at most together: the oldest go first, however small", async () => {
    const store = new Memory();
    await keepRace(race(1), store);
    for (const day of [2, 3]) await keepRace(race(day, MOST_KEPT.bytes / 2), store);
    expect(await days(store)).toEqual([3, 2]);
    await keepRace(race(4, MOST_KEPT.bytes / 2 + 1), store);
    expect(await days(store)).toEqual([4]);
  });

  it("are rejected where the browser has no room, and lists are told of it", async () => {
    const store = new Memory();
    store.set = () => Promise.reject(new DOMException("no room", "QuotaExceededError"));
    await expect(keepRace(race(1), store)).rejects.toThrow("no room");
  });
});

describe("who listens", () => {
  let release = () => {};
  afterEach(() => release());

  it("hears of every change, also of this page's own", async () => {
    const store = new Memory();
    let numHeard = 0;
    const heard = new Promise<void>((resolve) => {
      release = onRaces(() => {
        if (++numHeard === 2) resolve();
      });
    });
    await keepRace(race(1), store);
    await removeRaces([race(1).id], store);
    await heard;
    expect(numHeard).toBe(2);
  });

  it("hears when another tab's choice has arrived in the storage, and of nothing else there; nothing once it has ended", () => {
    let numHeard = 0;
    release = onRaces(() => void numHeard++);
    const tell = (key: string) => dispatchEvent(new StorageEvent("storage", { key }));
    tell("triptych-history-off");
    tell("other");
    expect(numHeard).toBe(1);
    release();
    tell("triptych-history-off");
    expect(numHeard).toBe(1);
  });
});
