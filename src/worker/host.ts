import type { Chat } from "../vocabulary/chat.js";
import type { Devices } from "../runtime/devices.js";
import type { TokenId } from "../vocabulary/events.js";
import type { Job, LawQuestion, MeasureProgress, PlanRequest, TextReading } from "../runtime/job.js";
import type { PlainPrompt } from "../vocabulary/prompt.js";
import type { ModelRef } from "../runtime/model-ref.js";
import { modelsInMemory, obeyStored } from "../runtime/page.js";
import type { StoredOrder } from "../runtime/stored-orders.js";
import { answer, signalOf } from "./answer.js";
import { EventPort } from "./event-port.js";
import type { LoadMessage, MeasureMessage, WorkerApi } from "./protocol.js";

/** The worker's door to its devices: answers in place of throws, and ports for what streams. */
export class Host implements WorkerApi {
  private lastRunId = 0;
  private hasLoaded = false;

  constructor(
    private readonly devices: Devices,
    readonly begin: WorkerApi["begin"] = () => {},
    private readonly obey = obeyStored,
    private readonly keepsInMemory = modelsInMemory,
  ) {}

  adapter(): ReturnType<WorkerApi["adapter"]> {
    return answer(() => this.devices.adapter());
  }

  plan(request: PlanRequest): ReturnType<WorkerApi["plan"]> {
    return answer(() => this.devices.plan(request));
  }

  load(ref: ModelRef, port: MessagePort): ReturnType<WorkerApi["load"]> {
    const onProgress = (progress: LoadMessage["progress"]) =>
      port.postMessage({ type: "progress", progress } satisfies LoadMessage);
    this.hasLoaded = true;
    return answer(() => this.devices.load(ref, { signal: signalOf(port), onProgress }));
  }

  unload(ref: ModelRef): ReturnType<WorkerApi["unload"]> {
    return answer(() => this.devices.release(ref).then(() => null));
  }

  generate(job: Job, port: MessagePort): ReturnType<WorkerApi["generate"]> {
    const abort = new AbortController();
    const out = new EventPort(port, () => abort.abort());
    // How a run fails is told once its sessions are free.
    this.devices
      .run(job, (event) => event.type !== "error" && out.emit(event), abort.signal)
      .catch((error: unknown) => out.fail(error));
    return answer(async () => ++this.lastRunId);
  }

  measure(ref: ModelRef, again: boolean, port: MessagePort): ReturnType<WorkerApi["measure"]> {
    const onProgress = (progress: MeasureProgress) =>
      port.postMessage({ type: "progress", progress } satisfies MeasureMessage);
    return answer(() => this.devices.measure(ref, { again, signal: signalOf(port), onProgress }));
  }

  tokenize(ref: ModelRef, text: string | Chat, how: TextReading): ReturnType<WorkerApi["tokenize"]> {
    return answer(() => this.devices.tokenize(ref, text, how));
  }

  ordersApart(ref: ModelRef, prompts: readonly [PlainPrompt, PlainPrompt]): ReturnType<WorkerApi["ordersApart"]> {
    return answer(async () => (await import("../runtime/orders-of.js")).ordersOf(this.devices, ref, prompts));
  }

  lawOf(ref: ModelRef, question: LawQuestion, port: MessagePort): ReturnType<WorkerApi["lawOf"]> {
    const late = import("../runtime/law-of-token.js");
    return answer(async () => (await late).lawOfToken(this.devices, ref, question, signalOf(port)));
  }

  vocabularies(refs: readonly ModelRef[]): ReturnType<WorkerApi["vocabularies"]> {
    return answer(() => this.devices.vocabularies(refs));
  }

  detokenize(ref: ModelRef, ids: readonly TokenId[]): ReturnType<WorkerApi["detokenize"]> {
    return answer(() => this.devices.detokenize(ref, ids));
  }

  exportTuning(): ReturnType<WorkerApi["exportTuning"]> {
    return answer(() => this.devices.exportTuning());
  }

  importTuning(record: unknown): ReturnType<WorkerApi["importTuning"]> {
    return answer(() => this.devices.importTuning(record).then(() => null));
  }

  stats(): ReturnType<WorkerApi["stats"]> {
    return answer(async () => this.devices.stats);
  }

  isSpare(): ReturnType<WorkerApi["isSpare"]> {
    return answer(async () => this.hasLoaded && (await this.devices.isSpare()) && !(await this.keepsInMemory()));
  }

  stored(order: StoredOrder, port: MessagePort): ReturnType<WorkerApi["stored"]> {
    return answer(() => this.obey(order, signalOf(port), (news) => port.postMessage(news)));
  }
}
