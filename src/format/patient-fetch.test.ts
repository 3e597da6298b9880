import { expect, it } from "vitest";
import { patientFetch } from "./patient-fetch.js";

it("calls a browser's own fetch as a function: as a method of something else browsers refuse it", async () => {
  async function fetch(this: unknown) {
    // As browsers do; Node doesn't mind.
    if (this !== undefined && this !== globalThis) throw new TypeError("Illegal invocation");
    return new Response("text");
  }
  const response = await patientFetch("https://models.example/a", {}, { fetch, alarm: () => () => {} });
  expect(await response.text()).toBe("text");
});
