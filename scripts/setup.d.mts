export declare const root: string;
export declare function say(text: string): void;
export declare function run(
  command: string,
  args: readonly string[],
  options?: { env?: Record<string, string>; timeoutMs?: number; quiet?: boolean },
): number;
export declare function ensureDependencies(): void;
export declare function ensureChromium(): string;
