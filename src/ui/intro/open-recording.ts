import type { RecordedRace } from "../recording.js";

/** The race that an address holds. Rejects with `TraceError` where there is none. */
export async function openRecording(address: string): Promise<RecordedRace> {
  // Both at once; what shows it is loaded where it is asked for, since most pages show none.
  const asked = fetch(new URL(address, document.baseURI));
  const { RecordedRace, recordedTrace } = await import("../recording.js");
  return new RecordedRace(await recordedTrace(address, asked));
}
