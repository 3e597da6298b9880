import { expect, it } from "vitest";
import { counted } from "./counted.js";

it("one has no plural, as a count or as a figure that shows as 1", () => {
  expect([0, 1, 2].map((count) => counted(count, "token"))).toEqual(["0 tokens", "1 token", "2 tokens"]);
  expect(counted(2, "pass", "passes")).toBe("2 passes");
  expect(counted(1.0004, "token", "tokens", "1")).toBe("1 token");
  expect(counted(1.5, "token")).toBe("1.5 tokens");
});
