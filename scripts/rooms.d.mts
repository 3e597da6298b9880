/** `rooms.json`: the product's entries, and by room what it may import. */
export interface Rooms {
  entries: string[];
  rooms: Record<string, string[]>;
}

export function readRooms(): Rooms;
export function roomOf(file: string, rooms: Pick<Rooms, "rooms">): string | null;
export function importRules(rooms?: Rooms): unknown[];
