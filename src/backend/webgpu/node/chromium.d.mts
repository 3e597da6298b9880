export declare function findChromium(): string | null;
export declare function softwareFlags(): string[];
export declare function headlessFlags(): string[];
export declare function findSwiftShader(chromium: string): { icd: string; loader: string | null } | null;
