import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { endGroup, errorLine } from "../run-step.js";

/** A process that answers each line of JSON with one: `{ error }`, or what was asked for. */
export class Worker {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #errors = "";

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    this.#child = spawn(command, args, { env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-20_000);
    });
    this.#child.on("error", ({ message }) => {
      this.#errors += message;
    });
    this.#child.stdin!.on("error", () => {}); // the process has ended: its lines end, too
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  /** @throws with what the process says went wrong, or when it ends, or when `signal` is aborted: it is ended then */
  async ask<T>(question: unknown, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const stop = (): void => this.end();
    signal.addEventListener("abort", stop, { once: true });
    try {
      this.#child.stdin!.write(`${JSON.stringify(question)}\n`);
      for (;;) {
        const { value, done } = await this.#lines.next();
        signal.throwIfAborted();
        if (done) throw new Error(`the process ended: ${errorLine(this.#errors)}`);
        // Libraries print lines of their own.
        if (!value.startsWith("{")) continue;
        const answer = JSON.parse(value) as T & { error?: string };
        if (answer.error !== undefined) throw new Error(answer.error);
        return answer;
      }
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  end(): void {
    endGroup(this.#child.pid);
  }
}
