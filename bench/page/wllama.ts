import type { Contender } from "./contender.js";
import { type Arrival, decodeRate } from "./rate.js";
import { loadVocabulary } from "./vocabulary.js";

/** The part of wllama that is used. */
interface WllamaModule {
  Wllama: new (paths: { default: string }, options: Record<string, unknown>) => Wllama;
}

interface Wllama {
  loadModel(files: Blob[], options: Record<string, unknown>): Promise<void>;
  createCompletion(options: Record<string, unknown>): Promise<void>;
}

interface Chunk {
  choices?: { text?: string }[];
  timings?: { prompt_n?: number };
}

const PACKAGE = "/peers/node_modules/@wllama/wllama/esm/";
const NUM_CONTEXT_TOKENS = 512;
const IGNORED = () => {};

/**
 * wllama (llama.cpp in WebAssembly) on the CPU, in a worker of its own, greedy. It takes and gives text: the prompt is
 * decoded for it, and the pieces that it streams, one a token, are looked up in the vocabulary.
 */
export async function loadWllama(url: string, tokenizerUrl: string, numThreads: number): Promise<Contender> {
  const { Wllama }: WllamaModule = await import(/* @vite-ignore */ `${PACKAGE}index.min.js`);
  const { pieceOf, idOf } = await loadVocabulary(tokenizerUrl);
  const logger = { debug: IGNORED, log: IGNORED, warn: IGNORED, error: console.error };
  const wasm = { default: `${location.origin}${PACKAGE}wasm/wllama.wasm` };
  const wllama = new Wllama(wasm, { logger, suppressNativeLog: true });
  const file = await (await fetch(url)).blob();
  await wllama.loadModel([file], {
    n_ctx: NUM_CONTEXT_TOKENS,
    n_threads: numThreads,
    n_gpu_layers: 0,
    n_parallel: 1,
  });
  return {
    async generate(promptIds, numNewTokens) {
      const arrivals: Arrival[] = [];
      const ids: number[] = [];
      let numPromptTokens: number | undefined;
      const startMs = performance.now();
      await wllama.createCompletion({
        prompt: promptIds.map(pieceOf).join(""),
        max_tokens: numNewTokens,
        temperature: 0,
        ignore_eos: true,
        cache_prompt: false,
        timings_per_token: true,
        stream: true,
        onData({ choices, timings }: Chunk) {
          numPromptTokens ??= timings?.prompt_n;
          const text = choices?.[0]?.text;
          if (!text) return;
          arrivals.push({ atMs: performance.now(), numTokens: 1 });
          ids.push(idOf(text));
        },
      });
      if (numPromptTokens !== promptIds.length) {
        throw new Error(`wllama read the prompt as ${numPromptTokens} tokens, not ${promptIds.length}`);
      }
      return {
        ids,
        timeToFirstTokenMs: arrivals[0].atMs - startMs,
        totalMs: performance.now() - startMs,
        tokensPerSecond: decodeRate(arrivals, startMs),
      };
    },
  };
}
