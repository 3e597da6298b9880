import { ModelLoadError } from "../../vocabulary/errors.js";
import { addressName, parseAddress } from "../address.js";
import type { Keeping, Room } from "./keeping.js";
import { storedModels } from "./model-records.js";
import type { Store } from "./store.js";

const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

/** A number of bytes for people, in units of 1000. */
export function sizeText(byteLength: number): string {
  const power = byteLength < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(byteLength) / 3));
  const value = byteLength / 1000 ** power;
  return `${power > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[power]}`;
}

/** What is to be kept. */
interface Wanted {
  model: string;
  name: string;
}

/** Refuses a download that the store has no room for, before it begins. */
export async function checkRoom({ store, room }: Keeping, wanted: Wanted, restBytes: number): Promise<void> {
  const has = store.kind === "memory" ? null : await room();
  if (has && restBytes > freeOf(has))
    throw await noRoomFor(wanted, store, has, `${sizeText(restBytes)} (${restBytes} bytes)`);
}

/** Whether an error says that a store is full. */
function isFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === "QuotaExceededError" || ("code" in error && ["ENOSPC", "EDQUOT"].includes(String(error.code)));
}

/** Whether an error says that nothing can be written where models are kept, as in another user's folder. */
export function isReadOnly(error: unknown): boolean {
  return error instanceof ModelLoadError && error.code === "no_store";
}

/** Whether an error says that nothing more can be written: the store is full, or can only be read. */
export function isUnwritable(error: unknown): boolean {
  return isReadOnly(error) || isFull(error) || (error instanceof ModelLoadError && error.code === "no_room");
}

/** Does what writes into the store; one that is full then is a `ModelLoadError`. */
export async function fullAsNoRoom<T>(keeping: Keeping, wanted: Wanted, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFull(error)) throw error;
    const has = (await keeping.room()) ?? { usedBytes: 0, quotaBytes: 0 };
    throw await noRoomFor(wanted, keeping.store, has, "more room than there is");
  }
}

async function noRoomFor({ model, name }: Wanted, store: Store, has: Room, needs: string): Promise<ModelLoadError> {
  const whose = store.kind === "folder" ? "this disk" : "this site's storage";
  const kept = (await storedModels(store)).filter(({ address }) => address !== model).reverse();
  const named = kept
    .slice(0, NUM_NAMED)
    .map(({ address, storedBytes }) => `${nameOf(address)}, ${sizeText(storedBytes)}`);
  const which = named.length > 0 ? ` (those last read longest ago: ${named.join("; ")})` : "";
  return new ModelLoadError(
    `${name} of ${model} needs ${needs}, and ${whose} has ${sizeText(freeOf(has))} free of ${sizeText(has.quotaBytes)}: ` +
      (kept.length > 0 ? `remove a model that is kept${which}, ` : "") +
      "make room on the disk, or take a smaller model.",
    "no_room",
  );
}

/** Models that a message names at most. */
const NUM_NAMED = 3;

function nameOf(address: string): string {
  return addressName(parseAddress(address));
}

function freeOf({ quotaBytes, usedBytes }: Room): number {
  return Math.max(0, quotaBytes - usedBytes);
}
