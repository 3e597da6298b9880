// Over 300 lines: one class, whose parts all act on one sequence's length, tokens and cache.
import type { Gpu } from "../gpu/device.js";
import { InvalidOptionError, invariant, OutOfMemoryError } from "../../../vocabulary/errors.js";
import type { TokenId } from "../../../vocabulary/events.js";
import type { Arena } from "../gpu/arena.js";
import { floatBits } from "../gpu/queue.js";
import { ATTENTION_ROWS, Attention, KEY_TILE } from "../ops/attention.js";
import { LawStore } from "../ops/laws.js";
import { squareParts } from "../ops/linear.js";
import { ceil4, makeOp, type Op } from "../ops/op.js";
import { RowMemoryStore } from "../ops/row-memory.js";
import { selectStep } from "../ops/select-step.js";
import { branchesOf } from "../../../seam/forward.js";
import { keptHorizons, resolveAttend, type Visibility } from "./attend.js";
import { GpuTextDrafts } from "./text-drafts.js";
import { MAX_MASK_ROWS } from "../../../seam/mask-rows.js";
import { Features, HiddenStates } from "./hidden-states.js";
import { GpuLengthPolicy } from "./length-policy.js";
import { cutTo, exactly, type Length, plus, plusAccepted } from "./length.js";
import { LayerWatch } from "./layer-watch.js";
import { LogitRows } from "./logit-rows.js";
import { GpuPending } from "./pending.js";
import { Promotion } from "./promotion.js";
import type { Feature, ForwardRequest } from "../../../seam/forward.js";
import type { Laws, Verdict } from "../../../seam/judging.js";
import type { MemoryRule, RowMemory } from "../../../seam/measuring.js";
import type { Pending, TokenRef } from "../../../seam/pending.js";
import type { Rows } from "../../../seam/rows.js";
import type { LengthPolicy, Session, SessionCounts } from "../../../seam/session.js";
import type { TransformerModel } from "../plan/transformer.js";
import { WebGpuRows } from "./webgpu-rows.js";
import { asking } from "../plan/within-memory.js";

const NONE = 0xffffffff;
const REF = 0x80000000;
const INPUT_WORDS = 5;
const MAX_SESSIONS = 256;
const NO_FEATURES: readonly Feature[] = [];

/** Lengths of all sessions of a device live in one buffer, so that one can be cut to another's unread length. */
interface LengthTable {
  buffer: GPUBuffer;
  free: number[];
}
const TABLES = new WeakMap<Gpu, LengthTable>();

/** One sequence on a transformer: its cache, its length (perhaps unread) and the ops bound to them. */
export class WebGpuSession implements Session {
  readonly counts: SessionCounts = { forwards: 0, rows: 0, dispatches: 0, readbackBytes: 0 };
  /** Counts forwards; rows of an older one are dead. */
  generation = 0;
  /** Counts everything that moves the length: scratch rows can only be kept at the revision that made them. */
  revision = 0;
  readonly arena: Arena;
  readonly rowRecords: GPUBuffer;
  readonly slots: GPUBuffer;
  readonly keys: GPUBuffer;
  readonly values: GPUBuffer;
  readonly index: number;
  readonly lengths: GPUBuffer;
  readonly logitRows: LogitRows;
  private readonly table: LengthTable;
  private readonly prepare: Op;
  private readonly embed: Op;
  readonly squareParts: number;
  readonly watch: LayerWatch | null;
  private readonly layers: { rope: Op; attention: Attention }[];
  private readonly cutOp: Op;
  private readonly promotion: Promotion;
  private current: Length = exactly(0);
  /** Tokens of the slots below `numKnown`. */
  private readonly tokens: Int32Array;
  private numKnown = 0;
  /** Last slot that each kept row saw, when beyond itself; else -1, and always -1 from the length on. */
  private readonly horizons: Int32Array;
  /** Rows of explicit rank have been in the cache. */
  private isRanked = false;
  private isDisposed = false;
  /** Whether its memory was there; null once that is known. */
  private allocated: Promise<void> | null = null;
  /** What is read after the device has run short isn't what was asked for. */
  readonly epoch: number;
  /** By their chains: runs that take turns with them make nothing anew. */
  private readonly lawStores = new Map<string, LawStore>();
  private memory: RowMemoryStore | null = null;
  private textDraftsOne: GpuTextDrafts | null = null;
  /** By number of layers. */
  private readonly shallowOnes = new Map<number, WebGpuSession>();
  private twinOne: WebGpuSession | null = null;
  private headOne: WebGpuSession | null = null;
  private maskSamplerOne: WebGpuSession | null = null;
  private policyOne: GpuLengthPolicy | null = null;
  /** Of sessions with a head, a mask sampler or a policy, and of the first two. */
  private hidden: HiddenStates | null = null;
  private readonly features: Features | null = null;

  /** `numLayers`: so many of the model's first. `trunk`: the model is a head or mask sampler of that session's model. */
  private constructor(
    readonly model: TransformerModel,
    readonly numLayers = model.layers.length,
    trunk: HiddenStates | null = null,
  ) {
    const { gpu, architecture: a, capabilities, activations } = model;
    const context = capabilities.maxLength;
    this.epoch = gpu.queue.epoch;
    this.arena = gpu.arena.child();
    this.tokens = new Int32Array(context);
    this.horizons = new Int32Array(context).fill(-1);
    this.table = lengthTable(gpu);
    this.lengths = this.table.buffer;
    this.rowRecords = this.arena.storage("rows", model.maxRows * 32);
    this.slots = this.arena.storage("slots", context * 16);
    const width = a.numKeyValueHeads * ceil4(a.headDim) * 16;
    const layerBytes = Math.ceil((context * width) / 256) * 256;
    this.keys = this.arena.storage("keys", numLayers * layerBytes, layerBytes);
    this.values = this.arena.storage("values", numLayers * layerBytes, layerBytes);

    const inputs = gpu.queue.inputs.buffer;
    this.prepare = makeOp(gpu, "prepare", { WORKGROUP_SIZE: 1 }, [
      inputs,
      gpu.results.buffer,
      this.lengths,
      this.rowRecords,
      this.slots,
    ]);
    this.cutOp = makeOp(gpu, "set_length", { WORKGROUP_SIZE: 1 }, [this.lengths]);
    this.squareParts = squareParts(a.hiddenSize, model.variants.matmul.panel);
    const { embedding, adapter } = model;
    const MASKS_AT = embedding.scales ? 9 : 8;
    const reads = { WEIGHT: embedding.format, ...model.variants.matmul.panel };
    this.embed = makeOp(gpu, "embed", { ...reads, MASKS: adapter !== null, MASKS_AT: adapter ? MASKS_AT : 0 }, [
      this.arena.uniform("embed dims", [ceil4(a.hiddenSize), a.vocabSize, this.squareParts]),
      this.rowRecords,
      embedding.buffer,
      model.input?.embedded ?? activations.x,
      model.firstGain,
      activations.scaled,
      activations.squares,
      ...(embedding.scales ? [embedding.scales] : []),
      ...(adapter ? [adapter.embeddings] : []),
    ]);
    const dimsByHalf = new Map<number, GPUBuffer>();
    const ropeDims = (half: number): GPUBuffer => {
      const known = dimsByHalf.get(half);
      if (known) return known;
      const dims = this.arena.uniform("rope dims", [
        a.numHeads,
        a.numKeyValueHeads,
        a.headDim,
        ceil4(a.headDim),
        half,
        (a.numHeads + 2 * a.numKeyValueHeads) * a.headDim,
        context - 1,
        floatBits(a.qkNorm?.eps ?? 0),
      ]);
      dimsByHalf.set(half, dims);
      return dims;
    };
    this.layers = model.layersUpTo(numLayers).map((layer, i) => {
      const slice = { offset: i * layerBytes, size: layerBytes };
      const keys = { buffer: this.keys, ...slice };
      const values = { buffer: this.values, ...slice };
      const norms = layer.qkNorms ? [layer.qkNorms] : [];
      return {
        rope: makeOp(gpu, "rope_store", { QK_NORM: layer.qkNorms !== null }, [
          ropeDims(layer.rope.half),
          activations.qkv,
          this.rowRecords,
          layer.rope.buffer,
          activations.q,
          keys,
          values,
          ...norms,
        ]),
        attention: new Attention(
          gpu,
          this.arena,
          layer.attention,
          {
            q: activations.q,
            keys,
            values,
            rows: this.rowRecords,
            slots: this.slots,
            partials: activations.partials,
            y: activations.attended,
            yStride: ceil4(a.numHeads * a.headDim) * 4,
          },
          floatBits,
        ),
      };
    });
    invariant((trunk === null) === (model.input === null), "a head or mask sampler has a trunk, and nothing else has");
    if (trunk) {
      this.hidden = new HiddenStates(this);
      this.features = new Features(this, this.hidden, trunk);
    }
    this.promotion = new Promotion(this);
    this.watch = model.isDebugged ? new LayerWatch(this) : null;
    this.logitRows = new LogitRows(this);
    // Last, so that a session that can't be made takes no slot.
    this.index = slotOf(this.table);
    this.cut(0, null, 0);
  }

  /** A session, as the constructor makes it. Whether the device has its memory is told by `settle`. */
  static make(model: TransformerModel, numLayers?: number, trunk?: HiddenStates | null): WebGpuSession {
    const make = () => new WebGpuSession(model, numLayers, trunk);
    const { made, allocated } = asking(model.gpu, `a sequence of ${model.name}`, make);
    made.allocated = allocated;
    return made;
  }

  get length(): number {
    const known = this.current.known();
    invariant(known !== null, "the session's length depends on a result that wasn't read yet; await settle()");
    return known;
  }

  get maxLength(): number {
    return this.current.known() ?? this.current.max;
  }

  forward(request: ForwardRequest): Rows {
    invariant(!this.isDisposed, "the session was disposed of");
    this.model.gpu.queue.checkEpoch(this.epoch);
    const { tokens, keep, attend } = request;
    const context = this.model.capabilities.maxLength;
    invariant(tokens.length > 0, "a forward needs at least one row");
    invariant(keep >= 0 && keep <= tokens.length, `keep ${keep} of ${tokens.length} rows`);
    this.checkPlaces(request);
    this.checkMasks(request);
    for (const i of tokens.keys()) this.tokenWord(request, i);
    invariant(
      (request.features?.length ?? 0) === (this.features ? tokens.length : 0),
      "a head's rows have a feature each",
    );
    invariant(
      !request.hidden || this.hidden,
      "hidden states are kept for a session that reads them; ask for that one first",
    );
    if (!request.slots && this.maxLength + tokens.length > context) {
      throw new InvalidOptionError(
        `${this.maxLength} kept and ${tokens.length} new tokens don't fit the context of ${context}. Shorten the prompt.`,
        "context_exceeded",
      );
    }
    const { maxRows } = this.model;
    if (tokens.length <= maxRows) return this.pass(request);
    const isPlain = !request.positions && !request.slots && !request.hidden && !request.features && !request.masks;
    const isCut = attend === "causal" && isPlain && keep >= tokens.length - 1;
    if (!isCut) {
      throw new InvalidOptionError(
        `${tokens.length} tokens are to be read in one forward, and this model reads at most ${maxRows} at once: shorten the text, or what is written at once.`,
        "too_many_rows",
      );
    }
    let start = 0;
    for (; tokens.length - start > maxRows; start += maxRows) {
      this.pass({ tokens: tokens.slice(start, start + maxRows), attend, rows: [], keep: maxRows });
    }
    const rest = { tokens: tokens.slice(start), attend, keep: keep - start };
    const rows = request.rows ?? "last";
    invariant(
      rows === "last" || (rows !== "all" && rows.every((row) => row >= start)),
      "logits of a cut prompt: last only",
    );
    return this.pass({ ...rest, rows: rows === "last" ? rows : rows.map((row) => row - start) });
  }

  private pass(request: ForwardRequest): Rows {
    const { gpu, maxRows, architecture: a } = this.model;
    const { adapter, input, tail, joint } = this.model;
    const { tokens, keep, attend, rows = "all", masks = 0 } = request;
    const numRows = tokens.length;
    const before = gpu.queue.dispatchCount;
    const visibility = resolveAttend(attend, numRows);
    this.isRanked ||= visibility.ranks !== null;
    const base = this.current.known();
    const horizons = keptHorizons(visibility, numRows, keep, base);
    const list = rows === "all" ? tokens.map((_, i) => i) : rows === "last" ? [numRows - 1] : [...rows];
    invariant(
      list.every((row) => row >= 0 && row < numRows),
      `logit rows ${list} of ${numRows} rows`,
    );
    invariant(numRows <= maxRows, `${numRows} rows of at most ${maxRows}`);

    const numTiles = Math.ceil((this.maxLength + (request.slots ? 0 : numRows)) / KEY_TILE);
    const inputs = this.writeInputs(request, visibility, list);
    const words = [
      numRows,
      inputs.start,
      keep,
      visibility.mode,
      visibility.block,
      this.index,
      numTiles,
      0,
      inputs.list,
      inputs.features,
      numRows - masks,
    ];
    const step = gpu.queue.step(words);
    this.prepare.record(step, 1);
    this.embed.record(step, numRows * this.squareParts);
    if (this.features && input) {
      this.features.record(step, numRows);
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
    let layers = this.model.layersUpTo(this.numLayers);
    if (masks > 0 && adapter) {
      words[0] = masks;
      words[8] = inputs.masks;
      adapter.begin(gpu.queue.step(words), masks);
      words[8] = inputs.list;
      layers = adapter.layers;
    }
    const numHeads = a.numHeads + 2 * a.numKeyValueHeads;
    for (let i = 0; i < layers.length; i++) {
      const layer = layers[i];
      const own = this.layers[i];
      layer.qkv.record(step, numRows);
      own.rope.record(step, numRows * numHeads);
      for (const chunk of chunks) own.attention.record(chunk.step, chunk.numRows, numTiles, this.isRanked);
      layer.output.record(step, numRows);
      layer.gateUp.record(step, numRows);
      layer.down.record(step, numRows);
      this.watch?.record(step, i + 1, numRows);
    }
    joint?.recordLast(step, numRows);
    // A mask sampler reads no states of its own.
    if (request.hidden || (this.features && !tail)) this.hidden?.record(step, numRows);
    if (list.length > 0) {
      words[0] = list.length;
      this.logitRows.record(gpu.queue.step(words), list.length);
    }
    if (request.slots) this.numKnown = Math.min(this.numKnown, ...request.slots);
    this.remember(tokens, keep, base, horizons);
    this.counts.forwards++;
    this.counts.rows += numRows;
    this.counts.dispatches += gpu.queue.dispatchCount - before;
    this.generation++;
    this.revision++;
    return new WebGpuRows(this, {
      rowsList: inputs.list,
      hasInputs: () => gpu.queue.inputs.holds(inputs.serial, inputs.numWords),
      rows: list,
      tokens,
      parents: branchesOf(attend, list),
      keep,
      maxKeys: this.maxLength + numRows,
    });
  }

  laws(numDrafts: number, numChains = 1, isDistinct = false): Laws {
    const { lawStores, arena } = this;
    const chains = `${numChains} ${isDistinct}`;
    const known = lawStores.get(chains);
    if (known && known.numDrafts >= numDrafts) return known;
    const store = new LawStore(arena, this.model.capabilities.vocabSize, numDrafts, numChains, isDistinct);
    lawStores.set(chains, store);
    return store;
  }

  rowMemory(rule: MemoryRule): RowMemory {
    const { gpu, capabilities } = this.model;
    this.memory ??= new RowMemoryStore(gpu, this.arena, capabilities.vocabSize);
    return this.memory.restart(rule);
  }

  textDrafts(): GpuTextDrafts {
    this.textDraftsOne ??= new GpuTextDrafts(this);
    return this.textDraftsOne;
  }

  shallow(numLayers: number): Session {
    const { model, shallowOnes } = this;
    const all = model.layers.length;
    invariant(numLayers >= 1 && numLayers < all, `${numLayers} layers of ${all}: at least 1, and fewer than all`);
    const session = shallowOnes.get(numLayers) ?? WebGpuSession.make(model, numLayers);
    shallowOnes.set(numLayers, session);
    return session;
  }

  twin(): Session {
    this.twinOne ??= WebGpuSession.make(this.model, this.numLayers);
    return this.twinOne;
  }

  head(): Session {
    const { head } = this.model;
    invariant(head && this.numLayers === this.model.layers.length, "this model was loaded without a head");
    this.hidden ??= new HiddenStates(this);
    this.headOne ??= WebGpuSession.make(head, head.layers.length, this.hidden);
    return this.headOne;
  }

  maskSampler(): Session {
    const { maskSampler } = this.model;
    invariant(maskSampler && this.numLayers === this.model.layers.length, "this model was loaded without an adapter");
    this.hidden ??= new HiddenStates(this);
    this.maskSamplerOne ??= WebGpuSession.make(maskSampler, 0, this.hidden);
    return this.maskSamplerOne;
  }

  lengthPolicy(): LengthPolicy {
    const { policy } = this.model;
    invariant(policy && this.numLayers === this.model.layers.length, "this model was loaded without a policy");
    this.hidden ??= new HiddenStates(this);
    this.policyOne ??= new GpuLengthPolicy(this, this.hidden, policy);
    return this.policyOne;
  }

  keep(verdict: Pending<Verdict>): void {
    invariant(verdict instanceof GpuPending, "the verdict is another device's");
    const { gpu } = this.model;
    const before = gpu.queue.dispatchCount;
    const numDrafts = this.promotion.record(verdict);
    this.revision++;
    this.current = plusAccepted(this.current, verdict, numDrafts);
    this.counts.dispatches += gpu.queue.dispatchCount - before;
  }

  truncate(length: number | Session, offset = 0): void {
    if (typeof length !== "number") {
      invariant(length instanceof WebGpuSession, "the other session is another device's");
      const other = length.current.known();
      if (other === null) {
        const isPlain = this.horizons.subarray(0, this.maxLength).every((horizon) => horizon < 0);
        invariant(isPlain, "a session of blocks or ranks can only be cut to a length that is known");
        this.cut(NONE, length, offset);
        return;
      }
      length = other;
    }
    let limit = Math.max(0, length + offset);
    const kept = this.maxLength;
    if (limit < kept) {
      // No kept row may have seen a dropped one: step back over all that reach past the cut.
      for (let slot = limit - 1; slot >= 0; slot--) if (this.horizons[slot] >= limit) limit = slot;
    }
    this.horizons.fill(-1, limit);
    this.cut(limit, null, 0);
  }

  async settle(): Promise<void> {
    await this.allocated;
    this.allocated = null;
    const { gpu, capabilities } = this.model;
    gpu.queue.checkEpoch(this.epoch);
    let known = this.current.known();
    while (known === null) {
      this.counts.readbackBytes += 4;
      const before = this.revision;
      const words = new Uint32Array(await gpu.queue.read(this.lengths, this.index * 4, 4));
      if (this.revision === before) this.current = exactly(words[0]);
      known = this.current.known();
    }
    if (this.numKnown < known && known <= capabilities.maxLength) {
      const first = this.numKnown;
      const byteLength = (known - first) * 16;
      this.counts.readbackBytes += byteLength;
      const words = new Uint32Array(await gpu.queue.read(this.slots, first * 16, byteLength));
      for (let slot = first; slot < known; slot++) this.tokens[slot] = words[(slot - first) * 4 + 2];
      this.numKnown = known;
    }
  }

  match(ids: readonly TokenId[]): number {
    const length = this.length;
    invariant(this.numKnown >= length, "match needs a settled session");
    let equal = 0;
    while (equal < length && equal < ids.length && this.tokens[equal] === ids[equal]) equal++;
    if (equal < length) this.truncate(equal);
    return this.length;
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    for (const session of this.shallowOnes.values()) session.dispose();
    this.twinOne?.dispose();
    this.headOne?.dispose();
    this.maskSamplerOne?.dispose();
    this.model.gpu.queue.flush();
    this.arena.dispose();
    this.table.free.push(this.index);
  }

  private cut(limit: number, other: WebGpuSession | null, offset: number): void {
    const step = selectStep(this.model.gpu.queue, {
      quota: limit,
      parents: other ? other.index : NONE,
      session: this.index,
      k: (offset + REF) >>> 0,
    });
    this.cutOp.record(step, 1);
    this.counts.dispatches++;
    this.revision++;
    this.current = other ? cutTo(this.current, other.current, offset) : cutTo(this.current, exactly(limit), 0);
    this.numKnown = Math.min(this.numKnown, this.current.min);
  }

  /** Writes the row records' inputs, the list of logit rows and the ancestor lists; returns where they start. */
  private writeInputs(request: ForwardRequest, v: Visibility, list: readonly number[]) {
    const { inputs } = this.model.gpu.queue;
    const { tokens, positions, slots } = request;
    const numAncestors = v.ancestors?.reduce((sum, path) => sum + path.length, 0) ?? 0;
    const given = request.features ?? NO_FEATURES;
    const numMasks = request.masks ?? 0;
    const numWords = tokens.length * INPUT_WORDS + list.length + numAncestors + given.length + numMasks;
    const start = inputs.reserve(numWords);
    let at = start;
    let nextPath = start + tokens.length * INPUT_WORDS + list.length;
    for (let i = 0; i < tokens.length; i++) {
      inputs.setWord(at, this.tokenWord(request, i));
      inputs.setWord(at + 1, positions ? positions[i] : NONE);
      inputs.setWord(at + 2, slots ? slots[i] : NONE);
      const path = v.ancestors?.[i];
      const rank = v.ranks?.[i];
      inputs.setWord(at + 3, path ? path.length - 1 : (rank?.index ?? 0));
      inputs.setWord(at + 4, path ? nextPath : rank && rank.horizon >= 0 ? rank.horizon : NONE);
      if (path) for (const row of path) inputs.setWord(nextPath++, row);
      at += INPUT_WORDS;
    }
    for (let i = 0; i < list.length; i++) inputs.setWord(at + i, list[i]);
    const masks = start + numWords - numMasks;
    for (let i = 0; i < numMasks; i++) inputs.setWord(masks + i, tokens.length - numMasks + i);
    const features = masks - given.length;
    for (let i = 0; i < given.length; i++) inputs.setWord(features + i, this.features?.word(given[i]) ?? 0);
    return { start, list: at, features, masks, numWords, serial: inputs.serial };
  }

  /** Refuses positions and slots that don't fit the rows or the cache. */
  private checkPlaces({ tokens, positions, slots, keep }: ForwardRequest): void {
    invariant(
      !positions || positions.length === tokens.length,
      `${positions?.length} positions for ${tokens.length} rows`,
    );
    if (!slots) return;
    invariant(keep === 0, "rows that overwrite slots can't be kept");
    invariant(slots.length === tokens.length, `${slots.length} slots for ${tokens.length} rows`);
    const length = this.current.min;
    const bad = slots.find(
      (slot, i) => !(Number.isInteger(slot) && slot >= 0 && slot < length) || slots.indexOf(slot) < i,
    );
    invariant(bad === undefined, `slot ${bad} can't be overwritten: slots are different ones of 0 to ${length - 1}`);
  }

  /** Masks are rows that no other row sees, and that aren't kept. */
  private checkMasks({ tokens, masks = 0, keep, attend }: ForwardRequest): void {
    if (masks === 0) return;
    const { adapter, layers } = this.model;
    invariant(adapter && this.numLayers === layers.length, "this model was loaded without an adapter");
    invariant(masks <= MAX_MASK_ROWS, `${masks} mask rows of at most ${MAX_MASK_ROWS}`);
    const first = tokens.length - masks;
    invariant(masks > 0 && first >= keep, `${masks} mask rows behind ${keep} kept ones, of ${tokens.length}`);
    const isOrdered = attend === "causal" || (typeof attend === "object" && "parents" in attend);
    invariant(isOrdered, "masks are the last rows of a chain or a tree, which no other row sees");
    const bad = tokens.slice(first).find((mask) => typeof mask !== "number" || mask < 0 || mask >= adapter.numMasks);
    invariant(bad === undefined, `mask ${String(bad)} of ${adapter.numMasks}`);
  }

  /** A row's token as the inputs ring holds it; masks come behind the vocabulary. */
  private tokenWord({ tokens, masks = 0 }: ForwardRequest, row: number): number {
    const token = tokens[row];
    const isMask = row >= tokens.length - masks;
    if (isMask && typeof token === "number") return this.model.capabilities.vocabSize + token;
    return this.wordOf(token);
  }

  /** A token as the inputs ring holds it: an id, or the word of the results ring that holds one. */
  wordOf(token: TokenId | TokenRef): number {
    if (typeof token === "number") {
      const { vocabSize } = this.model.capabilities;
      if (!Number.isInteger(token) || token < 0 || token >= vocabSize) {
        throw new InvalidOptionError(`token id ${token} is outside the vocabulary of ${vocabSize} ids`, "bad_token");
      }
      return token;
    }
    invariant(token.pending instanceof GpuPending, "a token reference of another device");
    token.pending.checkAlive();
    return (token.word | REF) >>> 0;
  }

  private remember(
    tokens: readonly (TokenId | TokenRef)[],
    keep: number,
    base: number | null,
    horizons: number[] | null,
  ): void {
    if (base === null) {
      this.numKnown = Math.min(this.numKnown, this.current.min);
    } else {
      this.numKnown = Math.min(this.numKnown, base);
      for (let i = 0; i < keep; i++) {
        const token = tokens[i];
        if (typeof token === "number" && this.numKnown === base + i) {
          this.tokens[base + i] = token;
          this.numKnown++;
        }
        this.horizons[base + i] = horizons ? horizons[i] : -1;
      }
    }
    this.current = plus(this.current, keep);
  }
}

function slotOf({ free }: LengthTable): number {
  const index = free.pop();
  if (index !== undefined) return index;
  throw new OutOfMemoryError(
    `This device has ${MAX_SESSIONS} sequences, as many as there may be at once: wait for runs to end, then generate again.`,
  );
}

function lengthTable(gpu: Gpu): LengthTable {
  let table = TABLES.get(gpu);
  if (!table) {
    const buffer = gpu.arena.storage("session lengths", MAX_SESSIONS * 4);
    table = { buffer, free: Array.from({ length: MAX_SESSIONS }, (_, i) => MAX_SESSIONS - 1 - i) };
    TABLES.set(gpu, table);
  }
  return table;
}
