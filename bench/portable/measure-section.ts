import { openNodeDevice } from "../../src/backend/webgpu/node/node-gpu.js";
import { OtherWork } from "../other-work.js";
import type { Ended } from "./outcome.js";
import type { Request } from "./own-process.js";
import { NotRun } from "./section.js";
import { sections } from "./sections.js";

/** Measures one section on a device of its own. Never throws. */
export async function measureSection({ name, ...given }: Request, say: (text: string) => void): Promise<Ended> {
  try {
    const section = sections.find((one) => one.name === name);
    if (!section) throw new Error(`no section ${name}`);
    const gpu = await openNodeDevice();
    const others = new OtherWork();
    const data = await section.run({ ...given, gpu, say });
    const { share } = others;
    if (gpu.uncaptured.length > 0) throw new Error(`WebGPU reported: ${gpu.uncaptured[0]}`);
    return { data, othersShare: share === null ? null : Number(share.toFixed(2)) };
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).split("\n")[0];
    return { status: error instanceof NotRun ? "not run" : "failed", why };
  }
}
