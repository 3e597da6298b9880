// npm run rooms: writes the import rules of rooms.json into biome.json. A room may import the rooms listed behind it; tests may
// import anything. `scripts/rooms.test.ts` walks the imports themselves, and looks for circles.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./setup.mjs";

const read = (file) => JSON.parse(readFileSync(path.join(root, file), "utf8"));

/** `rooms.json`: the product's entries, and by room what it may import. */
export const readRooms = () => read("rooms.json");

/** The room of a file, or null where it lies in none: the package's faces and the pages' scripts. */
export function roomOf(file, { rooms }) {
  return Object.keys(rooms).find((room) => file.startsWith(`src/${room}/`)) ?? null;
}

/** What no file of a room may import, as patterns of import specifiers: other rooms, and entries of rooms that it may import. */
function forbidden(room, { entries, rooms }) {
  const parent = path.dirname(room);
  // Siblings import each other without their common folder's name.
  const nameOf = (other) => (parent !== "." && other.startsWith(`${parent}/`) ? other.slice(parent.length + 1) : other);
  const closed = Object.keys(rooms).filter((other) => other !== room && !rooms[room].includes(other));
  const doors = entries.filter((entry) => rooms[room].includes(roomOf(entry, { rooms })));
  return [
    ...closed.map((other) => `**/${nameOf(other)}/**`),
    ...doors.map((entry) => entry.replace(/^src/, "**").replace(/\.ts$/, ".js")),
  ];
}

/** The overrides of `biome.json`. */
export function importRules(list = readRooms()) {
  return Object.entries(list.rooms).map(([room, allowed]) => {
    const may = allowed.length > 0 ? allowed.join(", ") : "no other room";
    const message = `src/${room} may import ${may} (rooms.json; npm run rooms writes this rule).`;
    const options = { patterns: [{ group: forbidden(room, list), message }] };
    const noRestrictedImports = { level: "error", options };
    return {
      includes: [`src/${room}/**`, "!**/*.test.ts"],
      linter: { rules: { style: { noRestrictedImports } } },
    };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(
    path.join(root, "biome.json"),
    `${JSON.stringify({ ...read("biome.json"), overrides: importRules() }, null, 2)}\n`,
  );
}
