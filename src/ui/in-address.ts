/** Before settings that are packed, in the fragment of an address. */
export const PACKED = "settings=";
const WHERE = /^#settings=([^&]*)&?/;

/** The packed settings of a fragment; null where it has none. */
export const packedIn = (hash: string) => WHERE.exec(hash)?.[1] ?? null;

/** Whether the page's address holds settings. */
export const isAddressed = () => location.search !== "" || packedIn(location.hash) !== null;

/** A fragment without packed settings, with others in front: none, or `#settings=…`. */
export function withPacked(hash: string, packed: string): string {
  const rest = hash.replace(WHERE, "#").slice(1);
  return packed && rest ? `${packed}&${rest}` : packed || (rest && `#${rest}`);
}

/** Has a page read its address again where the fragment holds what it shows, settings or a trace: a link that is opened over its own page loads nothing by itself. */
export function takeAnew(): void {
  if (/^#(settings|trace)=/.test(location.hash)) location.reload();
}
