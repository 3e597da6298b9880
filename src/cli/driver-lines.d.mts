export declare function isOuter(): boolean;
export declare function beInner(): void;
export declare function runApart(): Promise<void>;
