import { fileDevice } from "../../testing/file-device.js";
import { onGpu } from "../../testing/folder-model.js";
import { restartSuite } from "../../testing/restart-suite.js";

restartSuite(onGpu(await fileDevice()));
