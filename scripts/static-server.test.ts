import { expect, it } from "vitest";
import { serveStatic } from "./static-server.mjs";

it("serves what is there, and answers 404 to all else: a path below a file, and one that is no text, among them", async () => {
  const server = await serveStatic({ root: "scripts" });
  const statusOf = async (path: string) => (await fetch(server.url + path)).status;
  try {
    expect(await statusOf("/setup.mjs")).toBe(200);
    for (const path of ["/nothing", "/setup.mjs/config.json", "/%E0%A4%A"]) expect(await statusOf(path)).toBe(404);
    expect(await statusOf("/setup.mjs")).toBe(200);
  } finally {
    await server.close();
  }
});
