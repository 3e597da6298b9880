import "/triptych/define.js";
import { setWorkerFactory } from "/triptych/index.js";

const policy = trustedTypes.createPolicy("my-app", { createScriptURL: (url) => url });
setWorkerFactory(() => new Worker(policy.createScriptURL("/triptych/worker.js"), { type: "module" }));
