// Gives the GPU tests a `navigator.gpu`: the software adapter where there is one, so that every machine tests the same.
import { nodeGpu } from "../src/cli/gpu.js";

await nodeGpu({ adapter: "prefer-software" });
