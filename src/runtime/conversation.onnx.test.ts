// Turns of a conversation: what each of them forwards, by an exact count.
import { afterAll, describe, expect, it } from "vitest";
import { openOnnx } from "../backend/onnx/node/open-onnx.js";
import { pause } from "../decode/engine/scheduler.js";
import { fileSource } from "../format/file-source.js";
import { missingFile, type ModelSource } from "../format/source.js";
import { loadTokenizer } from "../tokenizer/tokenizer.js";
import type { Chat, ChatMessage } from "../vocabulary/chat.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import type { DoneEvent, TokenId } from "../vocabulary/events.js";
import type { Job } from "./job.js";
import { OnnxBackend } from "./onnx.js";
import { FolderParts } from "./parts.js";
import { Runtime } from "./runtime.js";

/** Each turn as it was said, an assistant's ended by EOS. */
const PLAIN =
  "{{ bos_token }}{% for m in messages %}{{ m.content }}{{ eos_token if m.role == 'assistant' else ' ' }}{% endfor %}";
/** As a thinking model's: of earlier turns the beginning goes. */
const REWRITING =
  "{{ bos_token }}{% for m in messages %}{{ m.content if m.role == 'user' else 'She ' + m.content.split(' ')[3:] | join(' ') }} {% endfor %}";

const base = fileSource("public/models/stories260k");
const withTemplate = (template: string | null): ModelSource => ({
  ...base,
  async bytes(name, ...how) {
    if (name !== "chat_template.jinja") return base.bytes(name, ...how);
    if (template === null) throw missingFile(name, base.url);
    return new TextEncoder().encode(template);
  },
});
const folders = new Map<string, ModelSource>([
  ["plain/", withTemplate(PLAIN)],
  ["rewriting/", withTemplate(REWRITING)],
  ["none/", withTemplate(null)],
]);
const runtime = new Runtime(
  new FolderParts(
    new OnnxBackend({
      openDevice: () => openOnnx("wasm", pause),
      source: (address) => folders.get(address) as ModelSource,
      needsTokenizer: true,
      device: "wasm",
    }),
  ),
);
afterAll(() => expect(runtime.stats).toMatchObject({ models: 0, sessions: 0 }));

const tokenizer = loadTokenizer(await base.json("tokenizer.json"), await base.json("tokenizer_config.json"));
const user = (content: string): ChatMessage => ({ role: "user", content });
const assistant = (content: string): ChatMessage => ({ role: "assistant", content });

function run(url: string, prompt: Job["prompt"], conversation?: string, more: object = {}): Promise<DoneEvent> {
  const options = { max_new_tokens: 6, temperature: 0, ...more };
  const job = { model: { url }, decoder: "autoregressive", prompt, options, conversation };
  return runtime.run(job, () => {}, new AbortController().signal);
}

/** How many tokens at the beginning two lists share. */
function shared(one: readonly TokenId[], other: readonly TokenId[]): number {
  const at = one.findIndex((id, i) => id !== other[i]);
  return at < 0 ? one.length : at;
}

/** Tokens of a turn that the cache can't hold: all behind what the canvas before had, whose last token was never fed. */
function expectedRows(before: readonly TokenId[], prompt: readonly TokenId[], written: number): number {
  const held = Math.min(shared(before.slice(0, -1), prompt), prompt.length - 1);
  // Each token that is written was fed, but for the last.
  return prompt.length - held + written - 1;
}

describe.each([
  ["plain/", PLAIN],
  ["rewriting/", REWRITING],
])("a conversation by the template of %s", (url, chat_template) => {
  const idsOf = async (chat: Chat) => (await tokenizer.readChat({ ...chat, chat_template })).ids;

  it("forwards in each turn only what is new, whatever other runs there are between", async () => {
    await runtime.load({ url });
    try {
      const messages = [user("Once upon a time, there was a girl named Lily.")];
      let before: TokenId[] = [];
      for (const next of ["The next day", "Then Tom said", ""]) {
        const prompt = await idsOf({ messages });
        const { text, ids, metrics } = await run(url, { messages }, "talk");
        expect(metrics.promptTokens).toBe(prompt.length);
        expect(metrics.rows).toBe(expectedRows(before, prompt, ids.length));
        before = [...prompt, ...ids];
        messages.push(assistant(text), user(next));
        // Their sessions are others': two are kept beside the conversation's.
        await Promise.all([run(url, "Tom has a dog"), run(url, "A cat ran")]);
      }
      // Of three conversations the one that was used longest ago is read again, to the same text.
      const prompt = await idsOf({ messages: messages.slice(0, 3) });
      const again = () => run(url, { messages: messages.slice(0, 3) }, "talk");
      const kept = await again();
      await run(url, { messages }, "second");
      await run(url, { messages }, "third");
      const anew = await again();
      expect(anew.ids).toEqual(kept.ids);
      expect(anew.metrics.rows).toBe(prompt.length + anew.ids.length - 1);
    } finally {
      runtime.release({ url });
    }
  });
});

it("a text ends at the token by which the template ends a message, though no config names it", async () => {
  const url = "none/";
  await runtime.load({ url });
  try {
    const messages = [user("Once upon a time, there was a girl named Lily.")];
    // A special token that greedy text doesn't hold; a bias has it come third.
    const unk = tokenizer.token(0) as string;
    const chat_template = `{{ bos_token }}{% for m in messages %}{{ m.content }}{{ '${unk}' if m.role == 'assistant' }}{% endfor %}`;
    const logit_bias = { 0: 1000 };
    const ended = await run(url, { messages, chat_template }, undefined, { logit_bias });
    expect(ended).toMatchObject({ ids: [], reason: "stop" });
    const plain = await tokenizer.readChat({ messages, chat_template });
    expect((await run(url, plain.ids, undefined, { logit_bias })).reason).toBe("length");
  } finally {
    runtime.release({ url });
  }
});

it("a model without a template refuses messages and says what to do; a template that is given is taken", async () => {
  const url = "none/";
  await runtime.load({ url });
  try {
    const messages = [user("Once upon a time")];
    await expect(run(url, { messages })).rejects.toThrow(InvalidOptionError);
    await expect(run(url, { messages })).rejects.toThrow(/has no chat template .*give one as chat_template/);
    const chat_template = "{{ bos_token }}{{ messages[0].content }}";
    const { ids } = await run(url, { messages, chat_template });
    expect(ids).toEqual((await run(url, "Once upon a time")).ids);
    const told = await runtime.tokenize({ url }, { messages, chat_template }, {});
    expect(told.ids).toEqual(tokenizer.promptIds("Once upon a time"));
  } finally {
    runtime.release({ url });
  }
});
