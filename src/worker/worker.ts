import { expose } from "comlink";
import { pageRuntime } from "../runtime/page.js";
import { Host } from "./host.js";

// Anywhere else, as on a server that imports all it finds, nothing is to be started.
if ("DedicatedWorkerGlobalScope" in globalThis) expose(new Host(pageRuntime()));
