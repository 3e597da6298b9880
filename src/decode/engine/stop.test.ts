import { describe, expect, it } from "vitest";
import { mockModel } from "../../backend/host/mock.js";
import { scriptedLaw } from "../../testing/laws.js";
import { autoregressive } from "../autoregressive/decoder.js";
import type { TokenText } from "./pieces.js";
import { rehearse, stepsOf } from "../../testing/rehearsal.js";

/** A token by its text, by its bytes, or by the name of a special one. */
type Token = string | number[] | { special: string };

/** A tokenizer whose tokens are these; an empty one is special. */
function tokensOf(...tokens: Token[]): TokenText {
  const texts = tokens.map((token) => (typeof token === "object" && "special" in token ? token.special : token));
  const bytes = texts.map((text) =>
    typeof text === "string" ? new TextEncoder().encode(text) : Uint8Array.from(text),
  );
  return { bytes: (id) => bytes[id], isSpecial: (id) => texts[id] !== tokens[id] || bytes[id].length === 0 };
}

/** Writes all tokens of the tokenizer but the first, which is the prompt, in order. */
async function write(tokens: Token[], options: Record<string, unknown>, cancelAfter = Infinity) {
  const script = tokens.map((_, id) => id);
  const target = mockModel({ law: scriptedLaw(script, tokens.length), capabilities: { vocabSize: tokens.length } });
  const run = {
    decoder: autoregressive,
    models: { target },
    promptIds: [0],
    tokenizer: tokensOf(...tokens),
    lookahead: 1,
  };
  const abort = new AbortController();
  let numSteps = 0;
  const { events, done, canvas } = await rehearse({
    ...run,
    signal: abort.signal,
    onEvent: ({ type }) => {
      if (type === "step" && ++numSteps === cancelAfter) abort.abort();
    },
    options: { max_new_tokens: tokens.length - 1, ...options },
  });
  const texts = new Map<number, string>();
  const shown = stepsOf(events).map(({ pieces }) => {
    for (const { slot, text } of pieces) texts.set(slot, text);
    return canvas
      .completion()
      .map(({ id }) => texts.get(id) ?? "")
      .join("");
  });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i));
  return { done, shown };
}

describe("stop texts", () => {
  it("may begin and end inside tokens: the text is cut before, the tokens up to its end are kept", async () => {
    const { done, shown } = await write(["<", "one tw", "o thr", "ee", "four"], { stop: "two th" });
    expect(done).toMatchObject({ text: "one ", reason: "stop", ids: [1, 2] });
    expect(shown).toEqual(["one ", "one "]);
  });

  it("hold a tail back until it can't become one", async () => {
    const { done, shown } = await write(["<", "ab", "ab", "ac", "d"], { stop: ["ababx", "cq"] });
    expect(shown).toEqual(["", "", "ababa", "ababacd"]);
    expect(done).toMatchObject({ text: "ababacd", reason: "length" });
  });

  it("show what was held when the run ends", async () => {
    const { done, shown } = await write(["<", "x", "ab"], { stop: "abc" });
    expect([done.text, shown.at(-1)]).toEqual(["xab", "xab"]);
  });

  it("show what was held when the run is cancelled, in an event of its own before the last", async () => {
    const { done, shown } = await write(["<", "x", "ab", "cd", "ef"], { stop: "abcdefg" }, 3);
    expect(done).toMatchObject({ text: "xabcd", ids: [1, 2, 3], reason: "cancelled" });
    expect(shown).toEqual(["x", "x", "x", "xabcd"]);
  });

  it("that end first win; of those that end together the longest", async () => {
    expect((await write(["<", "xabcd"], { stop: ["abcd", "bc"] })).done.text).toBe("xa");
    expect((await write(["<", "xabcd"], { stop: ["bc", "abc"] })).done.text).toBe("x");
  });

  it("may name a special token, which shows nothing, alone or with what stands around it", async () => {
    const end = { special: "<|im_end|>" };
    const one = await write(["<", "ab", end, "c"], { stop: "<|im_end|>" });
    expect(one.done).toMatchObject({ text: "ab", reason: "stop", ids: [1, 2] });
    expect(one.shown).toEqual(["ab", "ab"]);
    expect((await write(["<", "ab", end, "\nc"], { stop: ["<|im_end|>\n"] })).done).toMatchObject({
      text: "ab",
      ids: [1, 2, 3],
    });
    const held = await write(["<", "xab", end, "d"], { stop: ["b<|im_end|>c", "no"] });
    expect([held.done.text, held.shown]).toEqual(["xabd", ["xa", "xa", "xabd"]]);
    // As before, tokens that show nothing don't part a text.
    expect((await write(["<", "a", end, "b", "c"], { stop: "ab" })).done.text).toBe("");
    // Written out letter by letter it is a text like others.
    expect((await write(["<", "a<|im", "_end|>", "b"], { stop: "<|im_end|>" })).done.text).toBe("a");
  });

  it("are found across tokens that add no text, and in bytes that cut a character", async () => {
    const euro = [...new TextEncoder().encode("€")];
    const { done } = await write(["<", "a", "", "b", euro.slice(0, 2), euro.slice(2), "z"], {
      stop: "b€",
    });
    expect(done).toMatchObject({ text: "a", reason: "stop" });
  });
});

describe("pieces", () => {
  const bytes = (text: string) => [...new TextEncoder().encode(text)];

  it("show a character that spans tokens at its last token", async () => {
    const wave = bytes("👋");
    const { done, shown } = await write(["<", wave.slice(0, 1), wave.slice(1, 3), [...wave.slice(3), 33], "é"], {});
    expect(shown).toEqual(["", "", "👋!", "👋!é"]);
    expect(done.text).toBe("👋!é");
  });

  it("show an unfinished character as U+FFFD at the end, as a decoder of the whole would", async () => {
    const { done, shown } = await write(["<", "a", [0xe2, 0x82]], {});
    expect([done.text, shown.at(-1)]).toEqual(["a\ufffd", "a\ufffd"]);
  });

  it.each([
    [[[0x80], "a"]],
    [[[0xe2], "a"]],
    [[[0xe0], [0x80], "a"]],
    [[[0xed], [0xa0], [0x80]]],
    [
      [
        [0xf0, 0x9f],
        [0xf0, 0x9f, 0x91, 0x8b],
      ],
    ],
    [
      [
        [0xf4, 0x90],
        [0x80, 0x80],
      ],
    ],
    [[[0xff], [0xc3], [0xa9], [0xef, 0xbb], [0xbf]]],
  ])("joined are what one decoder makes of the bytes %j", async (tokens) => {
    const all = Uint8Array.from(tokens.flatMap((token) => (typeof token === "string" ? bytes(token) : token)));
    const expected = new TextDecoder("utf-8", { ignoreBOM: true }).decode(all);
    const { done, shown } = await write(["<", ...tokens], {});
    expect([done.text, shown.at(-1)]).toEqual([expected, expected]);
  });
});
