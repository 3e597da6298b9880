import { createStore, delMany, set, values } from "idb-keyval";

/** Most races and bytes that are kept: beyond them the oldest go first. */
export const MOST_KEPT = { races: 50, bytes: 20_000_000 } as const;

/** Where pages hear that another race is kept, or one is gone. */
const CHANNEL = "triptych-history";
/** In the browser's storage while no race is to be kept. */
const OFF = "triptych-history-off";

/** A race that is kept in the browser: what a list shows of it, and its trace. */
export interface KeptRace {
  /** Sorts by date. */
  id: string;
  date: string;
  /** The prompt's beginning. */
  prompt: string;
  panes: readonly { label: string; tokens: number; forwards: number }[];
  trace: Blob;
}

/** Where races are kept; replaceable for tests. */
export interface RaceStore {
  set(race: KeptRace): Promise<void>;
  all(): Promise<KeptRace[]>;
  remove(ids: readonly string[]): Promise<void>;
}

const database = createStore(CHANNEL, "races");
const BROWSER: RaceStore = {
  set: async (race) => set(race.id, race, database),
  all: async () => values<KeptRace>(database),
  remove: async (ids) => delMany([...ids], database),
};

/** The races that were kept, the newest first. Rejects where the browser keeps nothing for the page. */
export async function listRaces(store: RaceStore = BROWSER): Promise<KeptRace[]> {
  return (await store.all()).sort((a, b) => (a.id < b.id ? 1 : -1));
}

/** Keeps one race more, and lets the oldest go that there is no room for. Rejects where the browser has none at all. */
export async function keepRace(race: KeptRace, store: RaceStore = BROWSER): Promise<void> {
  try {
    await store.set(race);
    const past = pastRoom(await listRaces(store));
    if (past.length > 0) await store.remove(past);
  } finally {
    tellAll();
  }
}

/** Lets races go. */
export async function removeRaces(ids: readonly string[], store: RaceStore = BROWSER): Promise<void> {
  await store.remove(ids);
  tellAll();
}

/** Calls `listener` whenever a page of this browser has changed what is kept, until the function that it returns is called. */
export function onRaces(listener: () => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = listener;
  // Another tab's choice may reach this one's storage behind its message: the storage tells when it has.
  const onStorage = ({ key }: StorageEvent) => {
    if (key === OFF) listener();
  };
  addEventListener("storage", onStorage);
  return () => {
    channel.close();
    removeEventListener("storage", onStorage);
  };
}

/** Whether races are to be kept, as a person has chosen it. */
export function isKeeping(): boolean {
  try {
    return localStorage.getItem(OFF) === null;
  } catch {
    // A page without storage keeps none anyway, and says so then.
    return true;
  }
}

/** Has races kept from now on, or none. Throws where the browser keeps no choice. */
export function chooseKeeping(isOn: boolean): void {
  if (isOn) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
  tellAll();
}

/** The ids of those that are too many or too large together; `races` are sorted, the newest first. */
function pastRoom(races: readonly KeptRace[]): string[] {
  let bytes = 0;
  const isPast = ({ trace }: KeptRace, index: number) => {
    bytes += trace.size;
    return index >= MOST_KEPT.races || bytes > MOST_KEPT.bytes;
  };
  return races.filter(isPast).map(({ id }) => id);
}

function tellAll(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(null);
  channel.close();
}
