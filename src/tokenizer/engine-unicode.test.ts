import { afterEach, describe, expect, it, vi } from "vitest";
import { noteUnknown, unknownCharacters } from "./engine-unicode.js";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("an engine with a Unicode older than 16", () => {
  it("names a character that it doesn't know, once, and no other", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    // Unassigned in every version: so this is unknown to any engine that is asked.
    const note = noteUnknown(unknownCharacters(false));
    note("Once é 字 🙂\n");
    expect(warn).not.toHaveBeenCalled();
    for (const text of ["a\u{e0080}b", "\u{e0080}"]) note(text);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/U\+E0080.*Unicode is older than 16/)]]);
  });

  it("isn't one that knows Unicode 16, which names nothing", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    noteUnknown(unknownCharacters(true))("\u{e0080}");
    expect(warn).not.toHaveBeenCalled();
    const isLatest = Number.parseInt(process.versions.unicode ?? "0", 10) >= 16;
    expect(unknownCharacters() === null).toBe(isLatest);
  });
});
