import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import path from "node:path";
import { expect } from "@playwright/test";
import { test } from "./installed-package.js";

const ENTRIES = ["triptych-lm", "triptych-lm/define", "triptych-lm/element", "triptych-lm/worker"];

for (const entry of ENTRIES) {
  test(`importing ${entry} in Node does nothing`, ({ project }) => {
    // A module that starts something keeps the process alive: it would be ended, and this would throw.
    const code = `
      const before = Object.getOwnPropertyDescriptors(globalThis);
      await import(${JSON.stringify(entry)});
      const names = ["document", "window", "customElements", "HTMLElement", "Worker", "self", "postMessage"];
      console.log(JSON.stringify(names.filter((name) => globalThis[name] !== before[name]?.value)));`;
    const args = ["--input-type=module", "-e", code];
    const printed = execFileSync(process.execPath, args, { cwd: project.folder, encoding: "utf8", timeout: 300_000 });
    expect(JSON.parse(printed)).toEqual([]);
  });
}

test("a class that extends an element can be declared in Node", ({ project }) => {
  const printed = project.node(`
    import { CompareElement, GenerateElement } from "triptych-lm/element";
    class Mine extends CompareElement {}
    console.log(typeof Mine, typeof GenerateElement);`);
  expect(printed).toBe("function function");
});

const CALLS = ['load("/models/story-ar/")', 'load("https://models.example/a/")', "adapter()", "exportTuning()"];
for (const call of CALLS) {
  test(`${call} in Node names the command line`, ({ project }) => {
    const printed = project.node(`
      import * as library from "triptych-lm";
      const { load, adapter, exportTuning } = library;
      const error = await ${call}.catch((error) => error);
      const { name, code, message } = error;
      console.log(JSON.stringify({ name, code, message, isTyped: error instanceof library.UnsupportedDeviceError }));`);
    expect(JSON.parse(printed)).toEqual({
      name: "UnsupportedDeviceError",
      code: "unsupported_device",
      message: expect.stringMatching(/browser.*In Node.*triptych run/s),
      isTyped: true,
    });
  });
}

test("every error class has its own name, and knows the errors of another copy of the package", ({ project }) => {
  cpSync(path.join(project.package, "dist"), path.join(project.folder, "other-copy"), { recursive: true });
  const printed = project.node(`
    import * as library from "triptych-lm";
    import * as other from "./other-copy/index.js";
    const classes = Object.entries(library).filter(([name]) => name.endsWith("Error"));
    const facts = classes.map(([name, Class]) => {
      const error = name === "TriptychError" ? new Class("code", "text") : new Class("text");
      const kin = Object.keys(other).filter((key) => key.endsWith("Error") && error instanceof other[key]);
      return [name, error.name, String(error), kin.sort()];
    });
    console.log(JSON.stringify(facts));`);
  const facts = JSON.parse(printed);
  const names = [
    "DeviceLost",
    "InvalidOption",
    "Invariant",
    "ModelLoad",
    "NotFinite",
    "OutOfMemory",
    "Triptych",
    "UnsupportedDevice",
  ];
  expect(facts).toEqual(
    names.map((short) => {
      const name = `${short}Error`;
      return [name, name, `${name}: text`, [...new Set([name, "TriptychError"])].sort()];
    }),
  );
});

test("what isn't an error of the package is no instance of its classes", ({ project }) => {
  const printed = project.node(`
    import { InvalidOptionError, TriptychError } from "triptych-lm";
    class Mine extends TriptychError {}
    const others = [new Error("x"), { name: "InvalidOptionError" }, null, undefined, "InvalidOptionError", new InvalidOptionError("x")];
    console.log(JSON.stringify([
      others.map((value) => value instanceof InvalidOptionError),
      others.map((value) => value instanceof TriptychError),
      others.map((value) => value instanceof Mine),
      new Mine("code", "text") instanceof Mine,
    ]));`);
  expect(JSON.parse(printed)).toEqual([
    [false, false, false, false, false, true],
    [false, false, false, false, false, true],
    [false, false, false, false, false, false],
    true,
  ]);
});
