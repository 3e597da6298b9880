// Both backends take the same token at every step of greedy text, where the two likeliest aren't as good as even: of every family's fixture
// and the embedded models. Steps are compared one by one behind one text, so that a tie decides nothing that comes after it.
import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { loadArchitecture } from "../backend/webgpu/load/load.js";
import { fileSource } from "../format/file-source.js";
import { sample } from "../seam/questions/sample.js";
import { GREEDY } from "../seam/sampler.js";
import { fileDevice } from "../testing/file-device.js";
import { joinedOnGpu, joinedOnOnnx } from "../testing/joined-bed.js";
import { onnxDevice } from "../testing/onnx-device.js";
import { numbers } from "../testing/test-bed.js";
import { IS_WHOLE } from "../testing/test-depth.js";

/** Two logits as near to each other as this may be in either order: sums of 32-bit numbers are made in different orders. */
const TIE = 1e-3;
const NUM_STEPS = IS_WHOLE ? 48 : 20;

const FIXTURES = readdirSync("tests/fixtures/models").map((name) => `tests/fixtures/models/${name}`);
const EMBEDDED = ["story-ar", "story-draft", "stories260k", "sudoku-ar"].map((name) => `public/models/${name}`);
const FOLDERS = [...FIXTURES, ...EMBEDDED].filter((_, i) => IS_WHOLE || i % 3 === 0);

const beds = [joinedOnGpu(await fileDevice()), joinedOnOnnx(await onnxDevice())];

/** Steps at which the backends part: how far apart the two likeliest tokens are there. */
const parted: { folder: string; step: number; gap: number }[] = [];

it.each(FOLDERS)("%s", async (folder) => {
  const source = fileSource(folder);
  const architecture = await loadArchitecture(source);
  const models = await Promise.all(beds.map((bed) => bed.load(source, architecture, {})));
  for (let prompt = 0; prompt < (IS_WHOLE ? 4 : 2); prompt++) {
    const ids = [...numbers(prompt + 1, 5 + 3 * prompt)].map((x) => Math.floor(((x + 1) / 2) * architecture.vocabSize));
    const sessions = models.map((model) => model.session());
    let tokens = ids;
    for (let step = 0; step < NUM_STEPS; step++) {
      const request = { tokens, attend: "causal", rows: "last", keep: tokens.length } as const;
      const rows = sessions.map((session) => session.forward(request));
      const taken = await Promise.all(rows.map((one) => one.ask(sample(GREEDY)).read()));
      const [gpu, onnx] = taken.map(([{ token }]) => token);
      if (gpu !== onnx) {
        const logits = await rows[1].logits();
        parted.push({ folder, step, gap: logits[onnx] - logits[gpu] });
      }
      tokens = [gpu];
    }
    for (const session of sessions) session.dispose();
  }
  for (const model of models) model.dispose();
  const others = parted.filter(({ gap }) => gap >= TIE);
  expect(others).toEqual([]);
  console.info(`${folder}: ${parted.filter((one) => one.folder === folder).length} ties decided differently`);
});
