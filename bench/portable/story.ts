import { loadTransformer } from "../../src/backend/webgpu/load/load.js";
import { type Decoding, decodingLines, timeDecoding } from "./decoding.js";
import { modelSource, storyArchitecture } from "./models.js";
import { type Context, defineSection } from "./section.js";
import { tunedFamily } from "./tuner.js";

const NUM_TOKENS = 128;

async function run(context: Context): Promise<Decoding> {
  const { gpu, folder, say } = context;
  const architecture = await storyArchitecture(folder);
  const family = tunedFamily(context, architecture, null);
  say("loading story-ar");
  const model = await loadTransformer(gpu, modelSource(folder, "story-ar"), architecture, {
    ...(family && { chooseFamily: async () => family }),
  });
  return timeDecoding(context, model, { name: "story-ar", architecture, numTokens: NUM_TOKENS });
}

/** Speed of the embedded story model. */
export const story = defineSection<Decoding>({
  name: "story",
  title: "`story-ar`: tokens a second, cost by rows",
  run,
  lines: (data) => decodingLines([data]),
});
