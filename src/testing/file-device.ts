import { afterAll } from "vitest";
import type { Gpu } from "../backend/webgpu/gpu/device.js";
import { TestBed } from "./test-bed.js";

/** A test bed for the tests of one file. It is closed behind them, and none may have left an error that WebGPU reported. */
export async function fileBed(): Promise<TestBed> {
  const bed = await TestBed.open();
  afterAll(() => bed.close());
  return bed;
}

/** The device of such a test bed. */
export async function fileDevice(): Promise<Gpu> {
  return (await fileBed()).gpu;
}
