export { annotatePicture, type Tag } from "./annotate-picture.js";
export { formatDuration, type Progress, progressLine } from "./progress-line.js";
export { runCommand } from "./run-command.js";
export { createTerminal, type Terminal } from "./terminal.js";
