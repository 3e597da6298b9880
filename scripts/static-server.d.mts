export declare function serveStatic(options: {
  root: string;
  mounts?: Record<string, string>;
  port?: number;
  isolated?: boolean;
  compressed?: boolean;
}): Promise<{ url: string; servedBytes(): number; close(): Promise<void> }>;
