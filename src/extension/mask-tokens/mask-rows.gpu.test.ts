import { fileDevice } from "../../testing/file-device.js";
import { maskSuite } from "../../testing/mask-suite.js";
import { joinedOnGpu } from "../../testing/joined-bed.js";

maskSuite(joinedOnGpu(await fileDevice()));
