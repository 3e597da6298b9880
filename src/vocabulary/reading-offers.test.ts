import { expect, it } from "vitest";
import { offersOf } from "./reading-offers.js";

const first = (address: string) => {
  const [{ blockLength, isNamed }, ...others] = offersOf(address);
  expect(others.some((offer) => offer.isNamed)).toBe(false);
  return isNamed ? blockLength : null;
};

it("what a folder's name says of its recipe is offered first, and nothing is where it says nothing", () => {
  expect(first("dllm-hub/Qwen3-0.6B-diffusion-bd3lm-v0.1")).toBe(32);
  expect(first("https://example.org/models/Qwen3-0.6B-diffusion-mdlm-v0.1/#weights=q8")).toBe("full");
  expect(first("JetLM/SDAR-1.7B-Chat-b16")).toBe(16);
  expect(first("me/bd3lm-owt-block_size8")).toBe(8);
  expect(first("me/qwen-1.7b-128k")).toBeNull();
  expect(first("me/model-b128")).toBeNull();
});

it("every length that recipes train is offered once, in words", () => {
  expect(offersOf("x-mdlm").map(({ label }) => label)).toEqual([
    "its whole canvas (mdlm)",
    "blocks of 32 (bd3lm)",
    "blocks of 4",
    "blocks of 8",
    "blocks of 16",
    "blocks of 64",
  ]);
});
