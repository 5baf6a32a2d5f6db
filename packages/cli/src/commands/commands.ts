import type { Command } from "../flags/command.js";
import { compareCommand } from "./compare/compare-command.js";
import { completionCommand } from "./completion/completion-command.js";
import { diagnoseCommand } from "./diagnose-command.js";
import { downloadCommand } from "./download/download-command.js";
import { buildTensorflowCommand, buildTorchCommand, enginesCommand } from "./engines-command.js";
import { estimatePriorCommand } from "./estimate-prior-command.js";
import { evaluateCommand } from "./evaluate/evaluate-command.js";
import { exportCommand } from "./export/export-command.js";
import { inferCommand } from "./infer/infer-command.js";
import { prepareCommand } from "./prepare-command.js";
import { reportCommand } from "./report/report-command.js";
import { reviewCommand } from "./review/review-command.js";
import { runMethodCommand } from "./run/run-method-command.js";
import { scenesCommand } from "./scenes-command.js";
import { serveCommand } from "./serve/serve-command.js";
import { simulateCommand } from "./simulate-command.js";
import { trainCommand } from "./train/train-command.js";
import { verifyCommand } from "./verify/verify-command.js";
import { weightsCommand, weightsGetCommand } from "./weights-command.js";

/** All commands, in the order in which one needs them. */
export const commands: readonly Command[] = [
  scenesCommand,
  downloadCommand,
  prepareCommand,
  simulateCommand,
  diagnoseCommand,
  weightsCommand,
  weightsGetCommand,
  runMethodCommand,
  trainCommand,
  estimatePriorCommand,
  reportCommand,
  evaluateCommand,
  compareCommand,
  verifyCommand,
  inferCommand,
  exportCommand,
  serveCommand,
  reviewCommand,
  enginesCommand,
  buildTensorflowCommand,
  buildTorchCommand,
  completionCommand(() => commands),
];
