import { defineConfig } from "vitest/config";

const outputFile = process.env.TEST_REPORT;

export default defineConfig(({ mode }) => {
  // `npm run test:whole` and `npm run test:identity`
  const env = { TEST_DEPTH: mode === "whole" ? "whole" : "sample" };
  const onTheCpu = {
    env,
    // Ends what is endless; far more than any test takes on a slow machine that does something else as well.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    maxWorkers: 2,
    // No file changes what another one uses.
    isolate: false,
    setupFiles: ["./src/testing/late-files.ts"],
  };
  return {
    test: {
      reporters: outputFile ? ["default", ["json", { outputFile }]] : ["default"],
      projects: [
        {
          extends: "./vite.config.ts",
          test: {
            name: "unit",
            include: ["src/**/*.test.ts", "scripts/**/*.test.ts", "bench/**/*.test.ts"],
            exclude: ["**/*.{gpu,sweep,onnx}.test.ts", "**/node_modules/**"],
            ...onTheCpu,
          },
        },
        {
          extends: "./vite.config.ts",
          // What takes longer on the CPU: enumerations, and texts on ONNX Runtime.
          test: { name: "sweep", include: ["src/**/*.{sweep,onnx}.test.ts"], ...onTheCpu },
        },
        {
          extends: "./vite.config.ts",
          test: {
            name: "gpu",
            include: ["src/**/*.gpu.test.ts"],
            setupFiles: ["./scripts/gpu-setup.ts", "./src/testing/late-files.ts"],
            env,
            // A software adapter draws on every core, but compiles on one.
            pool: "forks",
            maxWorkers: 2,
            // The files of a process share a device (scripts/gpu-setup.ts).
            isolate: false,
            testTimeout: 1_200_000,
            hookTimeout: 1_200_000,
          },
        },
      ],
    },
  };
});
