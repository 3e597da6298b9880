import type { InferenceSession } from "onnxruntime-web";
import { UnsupportedDeviceError } from "../../vocabulary/errors.js";
import { GraphBuilder } from "./graph-builder.js";
import { ElementType } from "./onnx-proto.js";

/** What makes sessions. */
type SessionMaker = Pick<typeof import("onnxruntime-web"), "InferenceSession">;

/** Of ONNX Runtime's levels of what it prints. A session has one of its own, beside its environment's. */
const FATAL = 4;

/** By runtime: the last session that was asked for. */
const last = new WeakMap<SessionMaker, Promise<unknown>>();

/**
 * A session, once those asked for before are made. ONNX Runtime has one list of weights by name for all that are being made, so that one would
 * get another's, and loses what is wrong with either. It prints nothing: what goes wrong is thrown, and some exports get a warning for each
 * of their weights.
 */
export function createSession(
  runtime: SessionMaker,
  model: Uint8Array,
  options: InferenceSession.SessionOptions = {},
): Promise<InferenceSession> {
  const before = last.get(runtime) ?? Promise.resolve();
  const made = before
    .then(() => runtime.InferenceSession.create(model, { logSeverityLevel: FATAL, ...options }))
    .catch((error: unknown) => {
      throw startFault(error);
    });
  last.set(
    runtime,
    made.catch(() => undefined),
  );
  return made;
}

/** An error of a runtime that couldn't start, whose files aren't all there: of a model it says nothing. Any other as it is. */
function startFault(error: unknown): unknown {
  const reason = error instanceof Error ? error.message : String(error);
  if (!reason.includes("no available backend")) return error;
  const words = reason
    .replace(/^.*?ERR: \[\S+\] /s, "")
    .replace(/^RuntimeError: |Aborted\(|\)?\. Build with -s.*$/gs, "");
  return new UnsupportedDeviceError(
    `ONNX Runtime can't start (${words}): all files of the package's folder onnxruntime have to be there. Put them there, or take device "webgpu".`,
  );
}

/**
 * Has ONNX Runtime fetch and compile its WebAssembly now, which it else does when it is given its first model: so both are under way while a
 * model's weights are. What is wrong with it shows at the first model.
 */
export function beginRuntime(runtime: SessionMaker): void {
  const graph = new GraphBuilder();
  graph.output("same", graph.op("Identity", [graph.input("number", ElementType.f32, [1])]), [1]);
  createSession(runtime, graph.build().model, { executionProviders: ["wasm"] }).then(
    (session) => session.release(),
    () => undefined,
  );
}
