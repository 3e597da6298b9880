/** Copies ONNX Runtime's files and their licence into `onnxruntime/` in a folder of scripts. */
export declare function copyOnnxFiles(folder: string): void;
