import { checkRows } from "../../../seam/row-limits.js";
import { invariant } from "../../../vocabulary/errors.js";
import type { TokenId } from "../../../vocabulary/events.js";
import type { ExtensionKey } from "../../../seam/extension.js";
import { branchesOf, type ForwardRequest, listOf } from "../../../seam/forward.js";
import { checkPath, isPath } from "../../../seam/scratch-path.js";
import type { Verdict } from "../../../seam/questions/verify.js";
import type { Rows } from "../../../seam/rows.js";
import { segmentsOf } from "../../../seam/segments.js";
import type { SetRows } from "../../../vocabulary/prompt.js";
import type { Kept, Session, SessionCounts } from "../../../seam/session.js";
import { KEY_TILE } from "../ops/attention.js";
import { asking } from "../plan/within-memory.js";
import { keptHorizons, resolveAttend } from "../../sequence/attend.js";
import { checkStates } from "../../sequence/check-request.js";
import { checkOnDevice } from "./check-request.js";
import { writeInputs } from "./forward-inputs.js";
import { DeviceLength } from "./device-length.js";
import { ForwardOps } from "./forward-ops.js";
import { Features, HiddenStates } from "./hidden-states.js";
import { KeptRows } from "../../sequence/kept-rows.js";
import { LayerWatch } from "./layer-watch.js";
import { learnKept } from "./learn-kept.js";
import { LogitRows } from "./logit-rows.js";
import { OpenedParts } from "./opened-parts.js";
import type { Runnable, Trunk } from "./part.js";
import { type Pass, passesOf } from "../../sequence/passes.js";
import { GpuPending } from "./pending.js";
import { Promotion } from "./promotion.js";
import { Sequence } from "./sequence.js";
import { StateStore } from "./state-store.js";
import { WebGpuRows } from "./webgpu-rows.js";

const NONE = 0xffffffff;

/** Codes of `Step.mode` in `prepare.wgsl`. */
const MODE = { causal: 0, full: 1, block: 2, parents: 3, rank: 4 } as const;

/** One sequence on a model: what is enqueued for it, and what is known of it. */
export class WebGpuSession implements Session, Trunk {
  readonly sequence: Sequence;
  private readonly kept: KeptRows;
  private readonly ops: ForwardOps;
  private readonly watch: LayerWatch | null;
  private readonly logitRows: LogitRows;
  private readonly deviceLength: DeviceLength;
  private readonly promotion: Promotion;
  /** Rows of explicit rank have been in the cache. */
  private isRanked = false;
  private isDisposed = false;
  /** What left the scratch rows, and the sequence's revision since. */
  private lastRequest: ForwardRequest | null = null;
  private lastRevision = -1;
  /** Whether its memory was there; null once that is known. */
  private allocated: Promise<void> | null = null;
  /** By extension. */
  private readonly opened: OpenedParts;
  /** Kept by sessions that something reads, and by those that read another's. */
  private hidden: HiddenStates | null = null;
  private readonly features: Features | null = null;
  /** Where the last forward's rows left their states by slot; null where they left none. */
  private stated: StateStore | null = null;

  /** `numLayers`: so many of the model's first. `trunk`: the model is a head or mask sampler of that session's model. */
  private constructor(
    readonly running: Runnable,
    numLayers: number,
    trunk: HiddenStates | null,
  ) {
    const { transformer, adapter } = running;
    const sequence = new Sequence(transformer, numLayers);
    this.sequence = sequence;
    this.kept = new KeptRows(transformer.capabilities.maxLength);
    this.deviceLength = new DeviceLength(sequence);
    const isPart = transformer.input !== null;
    invariant((trunk === null) === !isPart, "a head or mask sampler has a trunk, and nothing else has");
    if (trunk) {
      this.hidden = new HiddenStates(sequence);
      this.features = new Features(sequence, this.hidden, trunk);
    }
    this.watch = transformer.isDebugged ? new LayerWatch(sequence) : null;
    sequence.watch = this.watch;
    this.ops = new ForwardOps(sequence, adapter, this.features, this.watch);
    this.promotion = new Promotion(sequence);
    this.logitRows = new LogitRows(sequence);
    this.opened = new OpenedParts(this, running.parts);
    sequence.takePlace();
    this.cut(0, null, 0);
  }

  /** A session, as the constructor makes it. Whether the device has its memory is told by `settle`. */
  static make(
    running: Runnable,
    numLayers = running.transformer.layers.length,
    trunk: HiddenStates | null = null,
  ): WebGpuSession {
    const { gpu, name } = running.transformer;
    const make = () => new WebGpuSession(running, numLayers, trunk);
    const { made, allocated } = asking(gpu, `a sequence of ${name}`, make);
    made.allocated = allocated;
    return made;
  }

  get counts(): SessionCounts {
    return this.sequence.counts;
  }

  get length(): number {
    return this.kept.length;
  }

  get maxLength(): number {
    return this.kept.max;
  }

  forward(request: ForwardRequest): Rows {
    const { sequence, running } = this;
    invariant(!this.isDisposed, "the session was disposed of");
    sequence.model.gpu.queue.checkEpoch(sequence.epoch);
    checkOnDevice(request, sequence, this.kept, this.isWhole ? running.adapter : null);
    checkStates(request, this.features !== null, this.hidden !== null);
    if (request.tokens.length > sequence.model.maxRows) checkRows(request, sequence.model.maxRows);
    const base = this.kept.known();
    const made = passesOf(request, sequence.model.maxRows).map((pass) => this.pass(pass));
    const lengths = segmentsOf(request);
    if (lengths && base !== null) this.kept.addSet(base, lengths);
    this.lastRequest = request;
    this.lastRevision = sequence.revision;
    return made[made.length - 1];
  }

  private pass({ request, from }: Pass): Rows {
    const { sequence, kept } = this;
    const { gpu, maxRows, tail } = sequence.model;
    const { tokens, keep, attend } = request;
    const numRows = tokens.length;
    const before = gpu.queue.dispatchCount;
    const visibility = resolveAttend(attend, numRows, from);
    this.isRanked ||= visibility.ranks !== null;
    const base = kept.known();
    const horizons = segmentsOf(request) ? null : keptHorizons(visibility, numRows, keep, base);
    const list = listOf(request);
    invariant(numRows <= maxRows, `${numRows} rows of at most ${maxRows}`);

    const numTiles = Math.ceil((this.maxLength + (request.slots ? 0 : numRows)) / KEY_TILE);
    const inputs = writeInputs(sequence, request, visibility, list, this.features);
    const { mode, block } = visibility;
    const first = numRows - inputs.numMasks;
    const { start, features } = inputs;
    const place = [sequence.index, numTiles, 0, inputs.list, features, first];
    const words = [numRows, start, keep, MODE[mode], block, ...place, visibility.numBefore, kept.lag];
    const step = this.ops.record(words, inputs.masks, this.isRanked);
    this.stated = request.states instanceof StateStore ? request.states : null;
    this.stated?.table.record(step, numRows);
    // A mask sampler reads no states of its own.
    if (request.hidden || (this.features && !tail)) this.hidden?.record(step, numRows);
    if (list.length > 0) {
      words[0] = list.length;
      this.logitRows.record(gpu.queue.step(words), list.length);
    }
    if (request.slots) kept.overwrite(request.slots, this.stated !== null);
    kept.add(tokens, keep, base, horizons, this.stated !== null);
    sequence.counts.forwards++;
    sequence.counts.rows += numRows;
    sequence.counts.dispatches += gpu.queue.dispatchCount - before;
    sequence.generation++;
    sequence.revision++;
    return new WebGpuRows(sequence, this.logitRows, {
      rowsList: inputs.list,
      hasInputs: () => gpu.queue.inputs.holds(inputs.serial, inputs.numWords),
      hasPaths: visibility.paths !== null,
      rows: list,
      tokens,
      parents: branchesOf(attend, list),
      keep,
      maxKeys: this.maxLength + numRows,
    });
  }

  beside<T>(key: ExtensionKey<T>): T {
    return this.opened.one(key);
  }

  keep(kept: Kept): void {
    const { counts, model } = this.sequence;
    const { queue } = model.gpu;
    const before = queue.dispatchCount;
    if (isPath(kept)) {
      this.keepRows(kept);
    } else {
      invariant(kept instanceof GpuPending, "the verdict is another device's");
      const promoted = this.promotion.record(kept, this.stated?.table ?? null);
      this.kept.addPromoted(kept as GpuPending<Verdict>, promoted, this.stated !== null);
    }
    this.sequence.revision++;
    counts.dispatches += queue.dispatchCount - before;
  }

  private keepRows(rows: readonly number[]): void {
    const { sequence, kept, lastRequest, lastRevision } = this;
    invariant(!this.isDisposed, "the session was disposed of");
    sequence.model.gpu.queue.checkEpoch(sequence.epoch);
    const request = lastRevision === sequence.revision ? lastRequest : null;
    checkPath(rows, request);
    if (rows.length > 0) this.promotion.recordRows(rows, request.keep, this.stated?.table ?? null);
    const tokens = rows.map((row) => request.tokens[row]);
    kept.add(tokens, rows.length, kept.known(), null, this.stated !== null);
  }

  fork(): Session {
    const { sequence, running, length } = this;
    invariant(!this.isDisposed, "the session was disposed of");
    sequence.model.gpu.queue.checkEpoch(sequence.epoch);
    invariant(
      !this.features,
      "a session that reads another's states can't be forked: fork that one, and ask it for its own",
    );
    const made = WebGpuSession.make(running, sequence.numLayers);
    made.sequence.copyRows(sequence, length);
    made.kept.copy(this.kept, length);
    made.isRanked = this.isRanked;
    made.deviceLength.set(length);
    return made;
  }

  truncate(length: number | Session, offset = 0): void {
    if (typeof length !== "number") {
      invariant(length instanceof WebGpuSession, "the other session is another device's");
      const other = length.kept.known();
      if (other === null) {
        this.kept.checkPlain();
        this.cut(NONE, length, offset);
        return;
      }
      length = other;
    }
    this.cut(this.kept.limitOf(length + offset), null, 0);
  }

  async settle(): Promise<void> {
    await this.allocated;
    this.allocated = null;
    await learnKept(this.kept, this.sequence);
  }

  match(ids: readonly TokenId[], sets: readonly SetRows[] = []): number {
    const { length } = this;
    const equal = this.kept.matching(ids, sets);
    if (equal < length) this.truncate(equal);
    return this.length;
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.opened.dispose();
    this.sequence.dispose();
  }

  /** It runs all of the model's layers: what the model was loaded with reads what they leave. */
  get isWhole(): boolean {
    return this.sequence.numLayers === this.running.transformer.layers.length;
  }

  get numStated(): number {
    return Math.min(this.length, this.kept.firstStateless);
  }

  /** The states that its forwards leave, when asked to, for what reads them. */
  states(): HiddenStates {
    this.hidden ??= new HiddenStates(this.sequence);
    return this.hidden;
  }

  private cut(limit: number, other: WebGpuSession | null, offset: number): void {
    this.deviceLength.cut(limit, other?.sequence ?? null, offset);
    this.kept.cut(limit, other?.kept ?? null, offset);
  }
}
