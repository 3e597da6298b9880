import { type DeviceLimits, measureLimits } from "../../src/backend/webgpu/tuning/device-limits.js";
import type { AdapterFacts } from "../../src/backend/webgpu/gpu/device.js";
import { type MachineFacts, machineFacts } from "../machine.js";
import { round, table } from "../report.js";
import { type Context, defineSection } from "./section.js";

const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupStorageSize",
] as const;

/** The adapter, in its own words and measured. */
export interface AdapterData {
  machine: MachineFacts;
  facts: AdapterFacts;
  subgroups: { min: number; max: number };
  features: string[];
  language: string[];
  limits: Record<string, number>;
  measured: DeviceLimits;
}

async function run({ gpu, say }: Context): Promise<AdapterData> {
  const { device, facts } = gpu;
  const { subgroupMinSize: min, subgroupMaxSize: max } = device.adapterInfo;
  say("bytes, multiply-adds, dispatches, submits, readbacks");
  return {
    machine: machineFacts(),
    facts,
    subgroups: { min, max },
    features: [...device.features].sort(),
    language: [...(globalThis.navigator.gpu.wgslLanguageFeatures ?? [])].sort(),
    limits: Object.fromEntries(LIMITS.map((name) => [name, device.limits[name]])),
    measured: await measureLimits(gpu),
  };
}

function lines({ machine, facts, subgroups, features, language, limits, measured }: AdapterData): string[] {
  const { vendor, architecture, description, isSoftware } = facts;
  return [
    ...table(
      ["", ""],
      [
        [
          "adapter",
          `${[description, architecture, vendor].filter(Boolean).join(", ")}${isSoftware ? " (software: figures are of a CPU)" : ""}`,
        ],
        [
          "machine",
          `${machine.platform}, ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, node ${machine.node}`,
        ],
        ["subgroups", facts.hasSubgroups ? `${subgroups.min} to ${subgroups.max}` : "none"],
        ["features of the device", features.join(", ") || "none"],
        ["features of WGSL", language.join(", ") || "none"],
        ...Object.entries(limits).map(([name, value]) => [name, String(value)]),
        ["copy", `${round(measured.copyBytesPerSecond / 1e9)} GB/s, read plus written`],
        ["multiply-adds", `${round(measured.multiplyAddsPerSecond / 1e9)} billion/s in f32`],
        ["dispatch", `${round(measured.dispatchMs * 1000)} µs`],
        ["submit", `${round(measured.submitMs * 1000)} µs`],
        ["readback", `${round(measured.readbackMs * 1000)} µs`],
      ],
    ),
  ];
}

/** Adapter facts, and what the device does at best. */
export const adapter = defineSection<AdapterData>({ name: "adapter", title: "The adapter", run, lines });
