import { defineConfig } from "vitest/config";

const outputFile = process.env.TEST_REPORT;

export default defineConfig(({ mode }) => ({
  test: {
    reporters: outputFile ? ["default", ["json", { outputFile }]] : ["default"],
    projects: [
      {
        extends: "./vite.config.ts",
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "scripts/**/*.test.ts", "bench/**/*.test.ts"],
          exclude: ["**/*.gpu.test.ts", "**/node_modules/**"],
          // Enumerations take seconds on a slow machine that does something else as well.
          testTimeout: 60_000,
        },
      },
      {
        extends: "./vite.config.ts",
        test: {
          name: "gpu",
          include: ["src/**/*.gpu.test.ts"],
          setupFiles: ["./scripts/gpu-setup.ts"],
          // `npm run test:identity`
          env: { IDENTITY: mode === "identity" ? "whole" : "sample" },
          // One process at a time: a software adapter already uses every core.
          pool: "forks",
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
}));
