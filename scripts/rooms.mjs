// npm run rooms: writes the import rules of rooms.json into biome.json. A room may import the rooms listed behind it; tests may
// import anything. `scripts/rooms.test.ts` walks the imports themselves, and looks for circles.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./setup.mjs";

const read = (file) => JSON.parse(readFileSync(path.join(root, file), "utf8"));

/** `rooms.json`: the product's entries, and by room what it may import. */
export const readRooms = () => read("rooms.json");

/** The first room of the list that a file lies in, or null where it lies in none: the package's faces and the pages' scripts. */
export function roomOf(file, { rooms }) {
  return Object.keys(rooms).find((room) => patternOf(room).test(file)) ?? null;
}

/** A room is a folder, or where its name ends in `.ts` the files of that name in any folder at `*`. */
function patternOf(room) {
  const escaped = room.replaceAll(".", "\\.").replaceAll("*", "[^/]+");
  return new RegExp(room.endsWith(".ts") ? `^src/${escaped}$` : `^src/${escaped}/`);
}

/** What no file of a room may import, as patterns of import specifiers: other rooms, and entries of rooms that it may import. */
function forbidden(room, { entries, rooms }) {
  const parent = path.dirname(room);
  // What lies in one folder is imported without the folder's name.
  const nameOf = (other) => {
    const shared = [room, parent].find((folder) => folder !== "." && other.startsWith(`${folder}/`));
    return shared ? other.slice(shared.length + 1) : other;
  };
  const isFile = (other) => other.endsWith(".ts");
  const specifier = (file) => `**/${file.replace(/\.ts$/, ".js")}`;
  const closed = Object.keys(rooms).filter((other) => other !== room && !isFile(other) && !rooms[room].includes(other));
  const doors = entries.filter((entry) => rooms[room].includes(roomOf(entry, { rooms })));
  return [
    ...closed.map((other) => `**/${nameOf(other)}/**`),
    ...doors.map((entry) => specifier(entry.slice("src/".length))),
    ...rooms[room].filter(isFile).map((file) => `!${specifier(file)}`),
  ];
}

/** The overrides of `biome.json`, of which the last that fits a file holds. */
export function importRules(list = readRooms()) {
  const rules = Object.entries(list.rooms).map(([room, allowed]) => {
    const may = allowed.length > 0 ? allowed.join(", ") : "no other room";
    const message = `src/${room} may import ${may} (rooms.json; npm run rooms writes this rule).`;
    const options = { patterns: [{ group: forbidden(room, list), message }] };
    const noRestrictedImports = { level: "error", options };
    return {
      includes: [room.endsWith(".ts") ? `src/${room}` : `src/${room}/**`, "!**/*.test.ts"],
      linter: { rules: { style: { noRestrictedImports } } },
    };
  });
  return rules.reverse();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(
    path.join(root, "biome.json"),
    `${JSON.stringify({ ...read("biome.json"), overrides: importRules() }, null, 2)}\n`,
  );
}
