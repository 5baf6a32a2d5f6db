import { Worker } from "node:worker_threads";
import { helperProgram, type ThreadHost } from "./thread-host.js";

const program = `const { workerData: data } = require("node:worker_threads");${helperProgram}`;

/** Worker threads of Node. The process ends without waiting for them. */
export const nodeThreads: ThreadHost = {
  mayWait: true,
  startHelper(workerData, onEnd) {
    const worker = new Worker(program, { eval: true, workerData, execArgv: [], env: {} });
    worker.once("error", () => {});
    worker.once("exit", onEnd);
    worker.unref();
  },
};
