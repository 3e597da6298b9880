import { execFileSync } from "node:child_process";
import path from "node:path";
import { expect } from "@playwright/test";
import { type Project, root, test } from "./installed-package.js";

const TSC = path.join(root, "node_modules/typescript/bin/tsc");
const FLAGS =
  "--noEmit --pretty false --strict --exactOptionalPropertyTypes --target es2023 --module esnext --moduleResolution bundler --jsx preserve --lib es2023,dom,dom.iterable,dom.asynciterable --types";

const START = `
  import { load, type GenerateOptions, type GenerationEvent, type RunEvent } from "triptych-lm";
  declare const model: Awaited<ReturnType<typeof load>>;`;

/** What compiles: by name, the lines of a module. */
const RIGHT: Record<string, string> = {
  "a run": `
    const seen: GenerationEvent[] = [];
    for await (const event of model.generate("Once", { max_new_tokens: 4 })) seen.push(event);
    const { text, metrics: { forwards } } = await model.generateText([1, 2], { temperature: 0.5, stop: "." });
    export const sum: [string, number] = [text, forwards];`,
  "both spellings": `
    await model.generateText("x", { maxNewTokens: 3, topK: 2, logitBias: { 5: -1.5 }, seed: undefined });
    await model.generateText("x", { decoder: "block-diffusion", commitRule: "entropy_bound", entropy_bound: 0.5 });
    await model.generateText("x", { decoder: "masked-diffusion", cache: "dual", refreshInterval: 4, blockLength: 8 });`,
  "speculative with a draft model": `
    const draft = await load("/models/story-draft/");
    await model.generateText("x", { decoder: "speculative", draft, num_assistant_tokens: 4, verifier: "rejection" });
    await model.generateText("x", { decoder: "speculative", drafter: "suffix", corpus: "a text", minSuffixLength: 2 });`,
  "transformers.js's names": `
    const { pipeline, TextStreamer, AutoModelForCausalLM } = await import("triptych-lm/transformers");
    const generator = await pipeline("text-generation", "/models/story-ar/", { dtype: "q8" });
    const streamer = new TextStreamer(generator.tokenizer, { skip_prompt: true });
    const [{ generated_text }] = await generator("x", { max_new_tokens: 3, do_sample: true, top_k: 2, streamer, seed: 1 });
    const [[first]] = await generator(["x", "y"], { assistant_model: generator });
    const [{ generated_text: chat }] = await generator([{ role: "user", content: "x" }]);
    const lm = await AutoModelForCausalLM.from_pretrained("/models/story-ar/");
    const ids = await lm.generate({ input_ids: { data: [1n], dims: [1, 1], extra: 1 }, max_new_tokens: 2 });
    export const all: [string, string, string, number] = [generated_text, first.generated_text, chat[0].role, ids.extra];`,
  "options that are kept": `
    const options: GenerateOptions = { decoder: "any-subset", draft_tokens: 4, infill: true };
    const plain = { decoder: "window-diffusion", window_length: 4 } satisfies GenerateOptions;
    await model.generateText("x", options);
    await model.generateText("x", { ...plain, signal: new AbortController().signal });
    await model.generateText("x", { decoder: Math.random() > 0.5 ? "autoregressive" : "speculative", seed: 3 });`,
  "events told apart": `
    export function look(event: RunEvent): number {
      if (event.type === "start") return event.fidelity === "exact" ? event.edits.length : 0;
      if (event.type === "recovering") return event.reason.length;
      if (event.type === "step") return event.forwards + event.text.length;
      return event.type === "done" ? event.metrics.tokens : event.ownMs;
    }`,
  "an element's events without its definition": `
    import { type TriptychElementEventMap, GenerateElement } from "triptych-lm/element";
    const names: (keyof TriptychElementEventMap)[] = ["triptych-start", "triptych-done"];
    export const mine = (element: GenerateElement) => element.addEventListener("triptych-done", ({ detail }) => console.log(detail.mine, names));`,
  "the elements": `
    import "triptych-lm/define";
    import { CompareElement } from "triptych-lm/element";
    const element: CompareElement = document.createElement("triptych-compare");
    document.addEventListener("triptych-event", ({ detail }) => console.log(detail.pane, detail.event.type));
    element.addEventListener("triptych-error", ({ detail }) => console.log(detail.code));
    element.addEventListener("triptych-start", (event) => typeof event.detail.prompt === "string" && event.preventDefault());
    const { value, form, validity } = document.createElement("triptych-generate");
    export const control: [string, HTMLFormElement | null, boolean] = [value, form, validity.valid];
    const outcomes = await document.createElement("triptych-generate").generate("Once");
    export const failed = Object.values(outcomes).filter((outcome) => "error" in outcome);`,
};

/** What doesn't, and the word that the compiler's error names. */
const WRONG: Record<string, [program: string, named: string]> = {
  "two misspelt options": [`model.generate("x", { max_new_token: 3, temperture: "hot" });`, "max_new_token"],
  "one misspelt option": [`model.generateText("x", { temperture: 1 });`, "temperture"],
  "a misspelt camelCase option": [`model.generate("x", { maxNewToken: 3 });`, "maxNewToken"],
  "a text for a number": [`model.generate("x", { temperature: "hot" });`, "string"],
  "a misspelt decoder": [`model.generate("x", { decoder: "auto-regressive" });`, "auto-regressive"],
  "an option of another decoder, none named": [`model.generate("x", { threshold: 0.5 });`, "threshold"],
  "an option of another decoder": [
    `model.generate("x", { decoder: "speculative", commit_rule: "quota" });`,
    "commit_rule",
  ],
  "a misspelt option of a decoder": [`model.generate("x", { decoder: "block-diffusion", treshold: 0.5 });`, "treshold"],
  "a value that a choice lacks": [`model.generate("x", { decoder: "speculative", verifier: "kseqq" });`, "kseqq"],
  "a camelCase choice's wrong value": [
    `model.generate("x", { decoder: "block-diffusion", commitRule: "sometimes" });`,
    "sometimes",
  ],
  "kept options with another decoder's": [
    `export const o: GenerateOptions = { decoder: "any-subset", draft_tokens: 4, drafter: "model" };`,
    "drafter",
  ],
  "kept options of another decoder, none named": [
    `export const o: GenerateOptions = { threshold: 0.5 }; model.generate("x", o);`,
    "threshold",
  ],
  "kept options misspelt": [`export const o: GenerateOptions = { max_new_token: 4 };`, "max_new_token"],
  "chat messages": [`model.generate([{ role: "user", content: "Hi" }]);`, "role"],
  "a draft model's address": [`model.generate("x", { decoder: "speculative", draft: "/models/d/" });`, "string"],
  "a field that no event has": [`for await (const event of model.generate("x")) console.log(event.txt);`, "txt"],
  "a step's metrics": [
    `for await (const event of model.generate("x")) if (event.type === "step") console.log(event.metrics);`,
    "metrics",
  ],
  "a misspelt load option": [`load("/m/", { weigths: "q8" });`, "weigths"],
  "a rounding that isn't there": [`load("/m/", { weights: "q2" });`, "q2"],
  "a decoder that an element hasn't": [
    `import "triptych-lm/define"; document.createElement("triptych-generate").decoder = "sideways";`,
    "sideways",
  ],
  "a value that is set": [
    `import "triptych-lm/define"; document.createElement("triptych-generate").value = "x";`,
    "value",
  ],
  "a misspelt property of an element": [
    `import "triptych-lm/define"; document.createElement("triptych-compare").maxNewToken = 3;`,
    "maxNewToken",
  ],
};

/** A framework's JSX types, in short: React's and Preact's are declared so. */
const FRAMEWORK = `declare module "framework" {
  namespace JSX {
    interface Element { type: string }
    interface IntrinsicElements { div: { class?: string } }
  }
}
declare module "framework/jsx-runtime" { export { JSX } from "framework"; }`;
const JSX_START = `/** @jsxImportSource framework */
  import type { TriptychElements } from "triptych-lm/define";
  declare module "framework" { namespace JSX { interface IntrinsicElements extends TriptychElements<{ class?: string }> {} } }`;
const JSX_RIGHT = `<triptych-generate class="a" models="/m/" device="wasm" decoder="speculative" max-new-tokens={8} seed="3" required name="a" options={{ top_k: 3 }} ontriptych-done={({ detail }) => console.log(detail)} />`;
const JSX_WRONG: Record<string, [element: string, named: string]> = {
  "an element that isn't there": ["<triptych-comparison />", "triptych-comparison"],
  "a misspelt attribute": [`<triptych-compare promt="x" />`, "promt"],
  "a device that isn't there": [`<triptych-compare device="gpu" />`, "gpu"],
  "a decoder that isn't there": [`<triptych-generate decoder="sideways" />`, "sideways"],
};

const fileOf = (name: string, folder: string, ext = "ts") => `${folder}/${name.replaceAll(/\W+/g, "-")}.${ext}`;

/** The compiler's errors, by file, of these files of the project in one run. */
function compile(project: Project, files: readonly string[]): Map<string, string> {
  let output = "";
  try {
    const args = [TSC, ...FLAGS.split(" "), "", ...files];
    execFileSync(process.execPath, args, { cwd: project.folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    output = (error as { stdout: string }).stdout;
  }
  const errors = new Map<string, string>();
  let file = "";
  for (const line of output.split("\n")) {
    file = /^(\S+)\(\d+,\d+\): error/.exec(line)?.[1] ?? file;
    if (line) errors.set(file, `${errors.get(file) ?? ""}${line}\n`);
  }
  return errors;
}

test("right programs compile, and wrong ones fail with an error that names what is wrong", ({ project }) => {
  const wrong = new Map<string, string>();
  const files: string[] = [];
  const write = (file: string, text: string) => files.push(path.relative(project.folder, project.write(file, text)));
  for (const [name, lines] of Object.entries(RIGHT)) write(fileOf(name, "right"), `${START}${lines}`);
  for (const [name, [lines, named]] of Object.entries(WRONG)) {
    write(fileOf(name, "wrong"), `${START}${lines}`);
    wrong.set(fileOf(name, "wrong"), named);
  }
  write("framework.d.ts", FRAMEWORK);
  write("right/jsx.tsx", `${JSX_START}\nexport const element = ${JSX_RIGHT};`);
  for (const [name, [element, named]] of Object.entries(JSX_WRONG)) {
    write(fileOf(name, "wrong", "tsx"), `${JSX_START}\nexport const element = ${element};`);
    wrong.set(fileOf(name, "wrong", "tsx"), named);
  }
  const errors = compile(project, files);
  expect(Object.fromEntries([...errors].filter(([file]) => !wrong.has(file)))).toEqual({});
  const unnamed = [...wrong].filter(([file, named]) => !errors.get(file)?.includes(named));
  expect(unnamed.map(([file]) => [file, errors.get(file)])).toEqual([]);
});
