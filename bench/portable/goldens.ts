import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileSource } from "../../src/format/file-source.js";
import { loadArchitecture, loadTransformer } from "../../src/backend/webgpu/load/load.js";
import { table } from "../report.js";
import { type Context, defineSection } from "./section.js";

/** One model family's fixture beside Hugging Face's logits. */
export interface Golden {
  model: string;
  /** Largest difference; null: not a number. */
  error: number | null;
  tolerance: number;
  why?: string;
}

async function run({ gpu, folder, say }: Context): Promise<Golden[]> {
  const fixtures = path.join(folder, "fixtures");
  const found: Golden[] = [];
  for (const name of (await readdir(fixtures)).sort()) {
    say(name);
    const source = fileSource(path.join(fixtures, name));
    const {
      input_ids: ids,
      logits_causal,
      tolerance,
    } = JSON.parse(await readFile(path.join(fixtures, name, "expected.json"), "utf8")) as {
      input_ids: number[];
      logits_causal: number[][];
      tolerance: number;
    };
    try {
      const model = await loadTransformer(gpu, source, await loadArchitecture(source));
      const session = model.session();
      const rows = ids.map((_, i) => i).slice(-logits_causal.length);
      const logits = await session.forward({ tokens: ids, attend: "causal", rows, keep: 0 }).logits();
      const error = logits_causal.flat().reduce((most, logit, i) => Math.max(most, Math.abs(logit - logits[i])), 0);
      found.push({ model: name, error, tolerance });
      session.dispose();
      model.dispose();
    } catch (error) {
      const why = `failed: ${error instanceof Error ? error.message : error}`;
      found.push({ model: name, error: null, tolerance, why });
    }
  }
  return found;
}

function lines(found: readonly Golden[]): string[] {
  const shown = ({ error, tolerance, why }: Golden) => {
    if (why) return why;
    const text = error === null ? "not a number" : error.toExponential(1);
    return error !== null && error < tolerance ? text : `**${text}**`;
  };
  return [
    "Tiny models of every family, on the adapter's own kernels, beside the logits that Hugging Face's transformers gives.",
    "",
    ...table(
      ["model", "largest difference", "allowed"],
      found.map((golden) => [golden.model, shown(golden), String(golden.tolerance)]),
    ),
  ];
}

/** Every model family beside Hugging Face's logits. */
export const goldens = defineSection<Golden[]>({
  name: "goldens",
  title: "Model families beside Hugging Face's logits",
  run,
  lines,
});
