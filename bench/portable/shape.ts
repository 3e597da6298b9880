import { freemem } from "node:os";
import { tensorNames } from "../../src/architecture/tensors.js";
import { familiesFor } from "../../src/backend/webgpu/ops/variants.js";
import { randomModel } from "../../src/backend/webgpu/tuning/random-model.js";
import type { Rounding } from "../../src/seam/rounding.js";
import { OutOfMemoryError } from "../../src/vocabulary/errors.js";
import { type Decoding, decodingLines, timeDecoding } from "./decoding.js";
import { depthOf, qwenShape } from "./models.js";
import { type Context, defineSection, NotRun, type Section } from "./section.js";
import { tunedFamily } from "./tuner.js";

const CONTEXT = 512;
const NUM_TOKENS = { software: 8, gpu: 64 };
/** A tensor is made up, packed and sent before the next: on the CPU there are up to four copies of the largest. */
const COPIES = 4;

interface ShapeData extends Decoding {
  depth: string;
}

async function run(context: Context, storage: string, rounding: Rounding | null): Promise<ShapeData> {
  const { gpu, say } = context;
  const architecture = qwenShape(context);
  const largest = Math.max(...tensorNames(architecture).map(({ shape }) => shape.reduce((a, b) => a * b, 4)));
  if (freemem() < COPIES * largest) {
    throw new NotRun(`making its weights takes ${COPIES * largest} bytes of main memory, and ${freemem()} are free`);
  }
  say(`making up ${storage} weights, ${depthOf(architecture)}`);
  const family = tunedFamily(context, architecture, rounding) ?? familiesFor(gpu.facts)[0];
  const model = await randomModel(gpu, architecture, { family, rounding, context: CONTEXT }).catch(asNotRun);
  const numTokens = NUM_TOKENS[gpu.facts.isSoftware ? "software" : "gpu"];
  const name = `Qwen3-0.6B's shape, ${storage}`;
  return {
    ...(await timeDecoding(context, model, { name, architecture, numTokens })),
    depth: depthOf(architecture),
  };
}

function asNotRun(error: unknown): never {
  throw error instanceof OutOfMemoryError ? new NotRun(error.message) : error;
}

function lines({ depth, ...decoding }: ShapeData): string[] {
  return [`Random weights, ${depth}; embedding and LM head of 151,936 tokens whole.`, "", ...decodingLines([decoding])];
}

const shapeSection = (storage: string, rounding: Rounding | null): Section =>
  defineSection<ShapeData>({
    name: `shape-${storage}`,
    title: `Qwen3-0.6B's shape, weights ${storage}`,
    run: (context) => run(context, storage, rounding),
    lines,
  });

/** Speed of Qwen3-0.6B's shape. */
export const shapes = [shapeSection("f16", null), shapeSection("q4", "q4")];
