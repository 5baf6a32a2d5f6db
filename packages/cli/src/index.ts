export { type RunCommandOptions, runCommand } from "./run-command.js";
export { formatDuration } from "./terminal/format.js";
