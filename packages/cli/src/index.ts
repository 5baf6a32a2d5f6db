export { annotateImage, type Tag } from "./commands/infer/annotate-image.js";
export { runCommand } from "./run-command.js";
export { formatDuration, type Progress, progressLine } from "./terminal/progress-line.js";
export { createTerminal, type Terminal } from "./terminal/terminal.js";
