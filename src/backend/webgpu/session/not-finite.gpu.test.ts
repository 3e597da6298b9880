import { ARGMAX } from "../../../seam/questions/sample.js";
import { expect, it } from "vitest";
import { tensorNames } from "../../../architecture/tensors.js";
import { TINY_LAYER, tinyModel } from "../../../testing/tiny-model.js";
import { fileDevice } from "../../../testing/file-device.js";

const gpu = await fileDevice();

const REFUSED = expect.objectContaining({ code: "not_finite", message: expect.stringContaining("tiny") });

it.each([
  ["NaN", Number.NaN],
  ["infinity", Number.POSITIVE_INFINITY],
  ["minus infinity", Number.NEGATIVE_INFINITY],
])("one %s in any tensor is told when the first token is read", async (_, value) => {
  const sound = await tinyModel(gpu, 3);
  const names = tensorNames(sound.transformer.architecture).map(({ name }) => name);
  sound.dispose();
  const unseen: string[] = [];
  for (const spoiled of names) {
    const model = await tinyModel(gpu, 3, {}, (name, values) => {
      // Row 1 of the embedding is read, and so is every row of a matrix.
      if (name === spoiled) values[name.includes("embed") ? 13 : 1] = value;
    });
    const session = model.session();
    const rows = session.forward({ tokens: [1, 2, 3], attend: "causal", rows: "last", keep: 3 });
    await rows
      .ask(ARGMAX)
      .read()
      .then(
        () => unseen.push(spoiled),
        (error) => expect(error).toEqual(REFUSED),
      );
    session.dispose();
    model.dispose();
  }
  expect(unseen).toEqual([]);
});

it.each([
  ["model.embed_tokens.weight", "the embedding"],
  ["model.layers.1.mlp.down_proj.weight", "layer 1 (of 0 to 1)"],
  ["model.layers.0.self_attn.k_norm.weight", "layer 0 (of 0 to 1)"],
  ["lm_head.weight", "the final norm or the LM head"],
])("a model that is debugged says that %s went wrong in %s, of its logits as well", async (spoiled, place) => {
  const change = { layers: [TINY_LAYER, TINY_LAYER] };
  const model = await tinyModel(gpu, 3, change, (name, values) => {
    if (name === spoiled) values[name.includes("embed") ? 13 : 1] = Number.NaN;
  });
  model.debug();
  const session = model.session();
  const rows = session.forward({ tokens: [1, 2, 3], attend: "causal", rows: "last", keep: 3 });
  for (const read of [rows.ask(ARGMAX).read(), rows.logits()])
    await expect(read).rejects.toThrow(`cease to be in ${place}`);
  session.dispose();
  model.dispose();
});
