import { expect, it } from "vitest";
import { packageFault } from "./package-fault.js";

const absent = (message: string) => Object.assign(new Error(message), { code: "ERR_MODULE_NOT_FOUND" });

it.each<[string, unknown, string]>([
  ["Node", absent("Cannot find package 'onnxruntime-node' imported from /home/me/dist/cli.js"), "isn't installed"],
  [
    "Vite",
    absent("Cannot find module '/me/__vite-optional-peer-dep:onnxruntime-node:triptych-lm' imported from /me/vite.js"),
    "isn't installed",
  ],
  [
    "Node, of what it needs",
    absent("Cannot find package 'onnxruntime-common' imported from /me/onnxruntime-node/index.js"),
    "could not be loaded (Cannot find package 'onnxruntime-common')",
  ],
  [
    "its native code",
    new Error("libstdc++.so.6: no such file\nRequire stack:"),
    "could not be loaded (libstdc++.so.6: no such file)",
  ],
  ["something thrown", "gone", "could not be loaded (gone)"],
])("a package that %s doesn't find", (_title, error, fault) => {
  expect(packageFault("onnxruntime-node", error)).toBe(fault);
});
