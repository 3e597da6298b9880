import type { Kernel } from "../gpu/kernel.js";
import type { ForwardRequest } from "../../../seam/forward.js";
import type { Rows } from "../../../seam/rows.js";
import { GREEDY } from "../../../seam/sampler.js";
import type { WebGpuModel } from "../session/webgpu-model.js";

/** Rows of the prompt that is rehearsed: enough for the tile that long ones take. */
const PROMPT_ROWS = 65;

/**
 * The kernels of a first run: a token a forward, or a block where the model was trained on them; and where pipelines
 * compile beside each other, draws and a long prompt too. On an emulated GPU compiling is what a first token waits for,
 * so that only the least is compiled: tiles stand in for each other. Found by recording such a run on a session that is
 * thrown away. Whatever else is needed compiles at its first use.
 */
export function kernelsOfFirstRun(model: WebGpuModel): ReadonlySet<Kernel> {
  const { capabilities, maxRows, gpu } = model.transformer;
  const session = model.session();
  const { kernels } = gpu;
  const { mayStandIn } = kernels;
  kernels.mayStandIn = false;
  try {
    return gpu.queue.rehearse(() => {
      const forward = (numRows: number, how: Pick<ForwardRequest, "attend" | "rows">): Rows => {
        session.truncate(0);
        return session.forward({ tokens: new Array<number>(numRows).fill(0), keep: numRows, ...how });
      };
      const samplers = gpu.facts.isSoftware ? [GREEDY] : [GREEDY, { ...GREEDY, temperature: 1 }];
      const [block] = capabilities.blockLengths;
      for (const sampler of samplers) {
        if (block === undefined) {
          forward(1, { attend: "causal", rows: "last" }).sample(sampler);
        } else {
          const rows = forward(Math.min(block, maxRows), { attend: { block }, rows: "all" });
          rows.unmask(sampler, { order: "confidence", quota: 1, draw: 0 });
        }
      }
      if (!gpu.facts.isSoftware) forward(Math.min(PROMPT_ROWS, maxRows), { attend: "causal", rows: "last" });
    });
  } finally {
    kernels.mayStandIn = mayStandIn;
    session.dispose();
  }
}
