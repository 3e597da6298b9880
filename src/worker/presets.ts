import type { Preset } from "../vocabulary/presets.js";
import type { ReadingOffer } from "../vocabulary/reading-offers.js";

/** Models that run side by side, with the bytes that each fetches and takes. Starts nothing. */
export async function listPresets(): Promise<readonly Preset[]> {
  const { PRESETS } = await import("../vocabulary/presets.js");
  return PRESETS;
}

/** The preset of a name. Rejects with an `InvalidOptionError` that lists the names there are. */
export async function preset(name: string): Promise<Preset> {
  const { presetNamed } = await import("../vocabulary/presets.js");
  return presetNamed(name);
}

/** How a model may read whose folder doesn't say it (`unknown_reading`), for a person to choose from: what its address says comes first. */
export async function readingOffers(address: string): Promise<ReadingOffer[]> {
  return (await import("../vocabulary/reading-offers.js")).offersOf(address);
}
