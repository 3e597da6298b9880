import { expose } from "comlink";
import { pageDevices } from "../runtime/page.js";
import { Host } from "./host.js";

// Anywhere else, as on a server that imports all it finds, nothing is to be started.
if ("DedicatedWorkerGlobalScope" in globalThis) {
  let files = { folder: "", isNamed: false };
  const devices = pageDevices(() => files);
  const host = new Host(devices, (said) => {
    files = { folder: said.files, isNamed: said.isNamed };
    devices.usual = said.device;
  });
  expose(host);
}
