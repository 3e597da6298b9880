import { ATTENTION_ROWS, Attention } from "../ops/attention.js";
import { Embed } from "../ops/embed.js";
import { ceil4, makeOp, type Op } from "../ops/op.js";
import type { Adapter } from "../plan/adapter.js";
import type { Features } from "./hidden-states.js";
import type { LayerWatch } from "./layer-watch.js";
import type { Sequence } from "./sequence.js";

/** The kernels of a forward that are bound to one sequence, and the order in which they run. */
export class ForwardOps {
  private readonly prepare: Op;
  private readonly embed: Embed;
  private readonly attention: Attention[];

  constructor(
    private readonly sequence: Sequence,
    private readonly adapter: Adapter | null,
    private readonly features: Features | null,
    private readonly watch: LayerWatch | null,
  ) {
    const { model, layerBytes } = sequence;
    const { gpu, architecture: a, capabilities, activations } = model;
    const context = capabilities.maxLength;
    const inputs = gpu.queue.inputs.buffer;
    const records = { buffer: sequence.records, slotsAt: sequence.slots.offset };
    this.prepare = makeOp(gpu, "prepare", { WORKGROUP_SIZE: 1 }, [
      inputs,
      gpu.results.buffer,
      sequence.lengths,
      sequence.rowRecords,
      sequence.slots,
    ]);
    this.embed = new Embed(gpu, sequence.arena, {
      records,
      prepares: { inputs, results: gpu.results.buffer, lengths: sequence.lengths },
      table: model.embedding,
      panel: model.variants.matmul.panel,
      x: model.input?.embedded ?? activations.x,
      scale: a.embedding.scale,
      positions: model.positions ?? undefined,
      masks: adapter?.embeddings,
      feeds: model.firstFeeds,
    });
    this.attention = model.layersUpTo(sequence.numLayers).map(({ rope, qkNorms, attention }, i) => {
      const slice = { offset: i * layerBytes, size: layerBytes };
      const buffers = {
        qkv: activations.qkv,
        rope,
        qkNorms: qkNorms && { gains: qkNorms, eps: a.qkNorm?.eps ?? 0, isWhole: a.qkNorm?.isWhole },
        records,
        cache: sequence.cached.format,
        keys: { buffer: sequence.keys, ...slice },
        values: { buffer: sequence.values, ...slice },
        work: activations.work,
        y: activations.attended,
        yStride: ceil4(a.numHeads * a.headDim) * 4,
      };
      return new Attention(gpu, sequence.arena, attention, buffers, { context, maxRows: model.maxRows });
    });
  }

  /**
   * Records what comes before the LM head; returns the step block of all rows. `words` are those of the step block, and are changed;
   * `masksAt`: the word of the inputs ring from which masks are listed.
   */
  record(words: number[], masksAt: number, isRanked: boolean): number {
    const { sequence, features, adapter } = this;
    const [numRows] = words;
    const numTiles = words[6];
    const masks = numRows - words[10];
    const { gpu, input, tail, joint } = sequence.model;
    const step = gpu.queue.step(words);
    if (!this.embed.isPreparing) this.prepare.record(step, 1);
    this.embed.record(step, numRows);
    if (features && input) {
      features.record(step, numRows);
      joint?.recordFirst(step, numRows);
      input.fromToken.record(step, numRows);
      input.fromFeature.record(step, numRows);
      tail?.record(step, numRows);
    }
    const chunks: { step: number; numRows: number }[] = [];
    for (let offset = 0; offset < numRows; offset += ATTENTION_ROWS) {
      const count = Math.min(ATTENTION_ROWS, numRows - offset);
      words[0] = count;
      words[7] = offset;
      chunks.push({ step: numRows === count ? step : gpu.queue.step(words), numRows: count });
    }
    this.watch?.record(step, 0, numRows);
    let layers = sequence.model.layersUpTo(sequence.numLayers);
    if (masks > 0 && adapter) {
      words[0] = masks;
      const list = words[8];
      words[8] = masksAt;
      adapter.begin(gpu.queue.step(words), masks);
      words[8] = list;
      layers = adapter.layers;
    }
    const rows = { step, numRows, chunks };
    for (let i = 0; i < layers.length; i++) {
      const layer = layers[i];
      for (const norm of layer.norms.before) norm.record(step, numRows);
      layer.qkv.record(step, numRows);
      this.attention[i].record(rows, numTiles, isRanked);
      layer.output.record(step, numRows);
      for (const norm of layer.norms.between) norm.record(step, numRows);
      layer.gateUp.record(step, numRows);
      layer.down.record(step, numRows);
      for (const norm of layer.norms.behind) norm.record(step, numRows);
      this.watch?.record(step, i + 1, numRows);
    }
    sequence.model.finalNorm?.record(step, numRows);
    joint?.recordLast(step, numRows);
    return step;
  }
}
