import { describe, expect, it } from "vitest";
import type { DecoderInfo } from "../worker/client.js";
import { fromParameters, toAddress } from "./address.js";
import { packedIn, withPacked } from "./in-address.js";
import { unpack } from "./packed-address.js";
import { fold } from "./trace/folded.js";

const infos = [{ name: "autoregressive", options: {} }] as unknown as DecoderInfo[];
const STORY = "Once upon a time, there was a girl who lived near a forest & “sang”: 100% + more = fun. ";

async function read(address: string) {
  const packed = packedIn(new URL(address, "https://page.example/").hash);
  const held = packed === null ? `not packed: ${address}` : await unpack(packed);
  return typeof held === "string" ? held : fromParameters(held, infos);
}

describe("a long address", () => {
  it("is packed where that is shorter, and holds every character", async () => {
    for (const prompt of [STORY.repeat(3), "שלום 🦊 ".repeat(10), `${"\n\0&=%+#".repeat(40)}<b>`]) {
      const settings = { prompt, seed: 3, chosen: {} };
      const address = await toAddress(settings);
      expect(address).toMatch(/^#settings=1\.[\w-]+$/);
      expect(await read(address)).toEqual({ settings, refused: [] });
    }
  });

  it("is readable while it is short, or packs no shorter, with commas as they are", async () => {
    expect(await toAddress({ chosen: {} })).toBe("");
    expect(await toAddress({ prompt: "a, b: c!", chosen: {} })).toBe("?prompt=a,+b:+c%21");
    let state = 1;
    const letter = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"[state >>> 26];
    };
    const dense = Array.from({ length: 250 }, letter).join("");
    expect(await toAddress({ prompt: dense, chosen: {} })).toBe(`?prompt=${dense}`);
  });

  it("is in words where it is cut, of another version, too large or something else", async () => {
    const whole = await toAddress({ prompt: STORY.repeat(4), chosen: {} });
    const damaged = "The settings in this link are cut off or damaged: the page has its own.";
    for (const other of [
      whole.slice(0, -5),
      "#settings=",
      "#settings=1.",
      "#settings=<b>.x",
      "#settings=1.%00",
      "#settings=1.abc",
    ]) {
      expect(await read(other), other).toBe(damaged);
    }
    expect(await read(whole.replace("1.", "2."))).toContain("written by another version of Triptych");
    expect(await read(`#settings=1.${await fold("prompt=".padEnd(400_001, "a"))}`)).toContain("too large");
  });

  it("leaves out a prompt that no address holds", async () => {
    const address = await toAddress({ prompt: "a".repeat(100_001), seed: 3, chosen: {} });
    expect(await read(address)).toEqual({ settings: { seed: 3, chosen: {} }, refused: [] });
  });

  it("stands before what else the fragment has", () => {
    expect(withPacked("", "")).toBe("");
    expect(withPacked("#trace=x", "#settings=1.a")).toBe("#settings=1.a&trace=x");
    expect(withPacked("#settings=1.a&trace=x", "#settings=1.b")).toBe("#settings=1.b&trace=x");
    expect(withPacked("#settings=1.a&trace=x", "")).toBe("#trace=x");
    expect(withPacked("#settings=1.a", "")).toBe("");
    expect(withPacked("#top", "")).toBe("#top");
  });
});
