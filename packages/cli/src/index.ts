export { type RunCommandOptions, runCommand } from "./run-command.js";
export { formatDuration } from "./terminal/format.js";
export { type SignalStop, stopOnSignals } from "./terminal/stop-on-signals.js";
