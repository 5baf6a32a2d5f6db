/** What a helper thread is given: an instance of the module on the memory waits for work until it is not wanted any more. */
export interface HelperData {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  block: number;
  scratch: number;
  index: number;
}

/** How threads are started, in Node or in a browser. */
export interface ThreadHost {
  /** Whether the calling thread may sleep until the helpers are done; a page's own thread may not. */
  mayWait: boolean;
  /** A helper that cannot start (no memory, say) is no error: the others do its work. */
  startHelper(data: HelperData, onEnd: () => void): void;
}

/** The program of a helper, where `data` is its HelperData. */
export const helperProgram = `
const { module, memory, block, scratch, index } = data;
const { exports } = new WebAssembly.Instance(module, { env: { memory } });
exports.setScratch(scratch);
exports.serveJobs(block, index);
`;
