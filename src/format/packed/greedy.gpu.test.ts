import { loadArchitecture, loadTransformer } from "../../backend/webgpu/load/load.js";
import { fileDevice } from "../../testing/file-device.js";
import { packedSuite } from "../../testing/packed-suite.js";

const gpu = await fileDevice();

packedSuite(async (source) => {
  const model = await loadTransformer(gpu, source, await loadArchitecture(source));
  const session = model.session();
  let numKept = 0;
  return {
    logits: (ids) => {
      const tokens = ids.slice(numKept);
      numKept = ids.length;
      return session.forward({ tokens, attend: "causal", rows: "last", keep: tokens.length }).logits();
    },
    dispose: () => model.dispose(),
  };
});
