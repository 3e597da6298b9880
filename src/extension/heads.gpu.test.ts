import { fileDevice } from "../testing/file-device.js";
import { headSuite } from "../testing/head-suite.js";
import { joinedOnGpu } from "../testing/joined-bed.js";

headSuite(joinedOnGpu(await fileDevice()));
