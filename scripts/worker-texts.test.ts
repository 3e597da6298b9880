import { parseAst } from "vite";
import { expect, it } from "vitest";
import { placelessText, refuseCircles } from "./worker-texts.js";

const names = new Set(["worker.js", "worker-a.js", "parts/worker-b.js"]);
const placeless = (code: string, file = "worker-a.js") => placelessText(code, file, parseAst(code), names);

it("files that a text imports stand by their names, and what it imports later is asked of the page", () => {
  expect(placeless('import{a as e}from"./worker.js";export{x}from"./parts/worker-b.js";e();')).toBe(
    'import{a as e}from"part:worker.js";export{x}from"part:parts/worker-b.js";e();',
  );
  expect(placeless("let a=()=>import(`../worker-a.js`),b=import('../worker.js')", "parts/worker-b.js")).toBe(
    'let a=()=>self.importPart("worker-a.js"),b=self.importPart("worker.js")',
  );
});

it("texts and addresses that only look like imports stay as they are", () => {
  const code = 'let a="./worker.js",b=`import("./worker.js")`;import(a);import("https://a.example/b.js");';
  expect(placeless(code)).toBe(code);
});

it("a file that isn't the worker's is an error of the build", () => {
  expect(() => placeless('import("./other.js")')).toThrow("worker-a.js imports ./other.js");
});

it("files that import each other are an error of the build, which names the circle", () => {
  const chunk = (fileName: string, ...imports: string[]) => ({ fileName, imports });
  expect(() => refuseCircles([chunk("a", "b", "c"), chunk("b", "c"), chunk("c")])).not.toThrow();
  expect(() => refuseCircles([chunk("a", "b"), chunk("b", "c"), chunk("c", "b")])).toThrow(/: b → c → b\./);
});
