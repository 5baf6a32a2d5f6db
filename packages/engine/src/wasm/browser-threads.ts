import { helperProgram, type ThreadHost } from "./thread-host.js";

const program = `onmessage = ({ data }) => {${helperProgram} close(); };`;

/** Workers of a browser. Only a page that is isolated from other origins can share memory with them. */
export const browserThreads: ThreadHost = {
  mayWait: typeof document === "undefined",
  startHelper(data, onEnd) {
    const url = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
    const worker = new Worker(url);
    worker.addEventListener("error", onEnd);
    worker.postMessage(data);
    URL.revokeObjectURL(url);
  },
};
