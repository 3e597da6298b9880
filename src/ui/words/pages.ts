// What the pages beside the first one say.

/** The page of the frontier. */
export const frontierWords = {
  judges: "surprise, by two judges",
  judgesNote: "lower is better: how surprising the texts are to models that read them afterwards",
  ownJudge: "this judge wrote the autoregressive and speculative texts itself, so it finds them likely",
  otherJudge: "this judge wrote none of the texts",
  baselines: "Diamonds are baselines: other decoders, and what a second model corrects.",
  leftOut: (count: number, worst: number) => `${count} worse than ${worst} aren’t in the plot.`,
  png: "PNG",
  savePng: (title: string) => `Save the plot “${title}” as PNG`,
  csv: "CSV",
  saveCsv: "Save the table as CSV",
};

/** The page of the Sudoku. */
export const sudokuWords = {
  how: "Choose a cell to see its probability, the step that wrote it and what else the model might have written; the arrow keys go from cell to cell.",
  step: (position: number, last: number) => `step ${position} of ${last}`,
};
