import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import { TorchBackend } from "../torch-backend.js";
import type { GroupBinding, Numbers } from "./group-binding.js";
import type { ProcessGroup } from "./process-group.js";

type Meeting = Pick<
  Parameters<GroupBinding["connect"]>[0],
  "host" | "port" | "serves" | "prefix" | "address"
>;

interface Place {
  rank: number;
  size: number;
  /** Seconds. */
  timeout: number;
}

/** `ProcessGroup` by c10d and Gloo. */
export class GlooGroup implements ProcessGroup {
  readonly rank: number;
  readonly size: number;
  readonly #timeout: number;
  readonly #binding: GroupBinding;
  #id = 0;

  constructor(binding: GroupBinding, { rank, size, timeout }: Place) {
    this.#binding = binding;
    this.rank = rank;
    this.size = size;
    this.#timeout = timeout;
  }

  /** To be awaited before anything else. */
  async connect(to: Meeting): Promise<void> {
    const { rank, size } = this;
    const timeout = Math.round(1000 * this.#timeout);
    this.#id = await this.#guarded(`meet at ${to.host}:${to.port}`, () =>
      this.#binding.connect({ ...to, rank, size, timeout }),
    );
  }

  async allReduce(numbers: Float32Array | Float64Array | tf.Tensor): Promise<void> {
    await this.#guarded("sum over the ranks", () => this.#binding.allReduce(this.#id, numbersOf(numbers)));
  }

  allReduceNow(numbers: Float32Array | Float64Array): void {
    const started = performance.now();
    try {
      this.#binding.allReduceNow(this.#id, numbers);
    } catch (cause) {
      throw this.#failed("sum over the ranks", started, cause as Error);
    }
  }

  async broadcast(
    numbers: Float32Array | Float64Array | Uint8Array | tf.Tensor,
    options: { root?: number } = {},
  ): Promise<void> {
    checkOptions("ProcessGroup.broadcast", options, { root: true });
    const { root = 0 } = options;
    await this.#guarded(`take over numbers of rank ${root}`, () =>
      this.#binding.broadcast(this.#id, numbersOf(numbers), root),
    );
  }

  async gather(bytes: Uint8Array, options: { root?: number } = {}): Promise<Uint8Array[] | undefined> {
    checkOptions("ProcessGroup.gather", options, { root: true });
    const { root = 0 } = options;
    return this.#guarded(`gather the ranks' bytes at rank ${root}`, () =>
      this.#binding.gather(this.#id, bytes, root),
    );
  }

  async barrier(): Promise<void> {
    await this.#guarded("wait for the other ranks", () => this.#binding.barrier(this.#id));
  }

  async close(): Promise<void> {
    if (this.#id === 0) return;
    await this.barrier();
    const id = this.#id;
    this.#id = 0;
    await this.#binding.close(id);
  }

  async #guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await work();
    } catch (cause) {
      throw this.#failed(what, started, cause as Error);
    }
  }

  #failed(what: string, started: number, cause: Error): CslError {
    const seconds = (performance.now() - started) / 1000;
    // By the clock: libtorch's texts differ from version to version.
    const why =
      seconds >= 0.98 * this.#timeout
        ? `another rank did not answer within ${this.#timeout} s: is it stopped, at other work, or not started? A longer time limit helps where it only needs longer`
        : "another rank ended or lost its connection: what it said before tells why";
    const reason = firstSentence(cause.message);
    const message = `rank ${this.rank} of ${this.size}: could not ${what}: ${why}. (${reason})`;
    return Object.assign(new CslError("failed", message, { cause }), { rank: this.rank });
  }
}

/** libtorch goes on with guesses and advice that is not for users. */
function firstSentence(message: string): string {
  return message
    .split("\n")[0]!
    .replace(/^\[[^\]]*\] ?/, "")
    .split(". ")[0]!;
}

function numbersOf(numbers: Float32Array | Float64Array | Uint8Array | tf.Tensor): Numbers {
  if (!(numbers instanceof tf.Tensor)) return numbers;
  const backend = tf.backend();
  if (backend instanceof TorchBackend) return backend.binding.shareTensor(backend.handleOf(numbers));
  throw new CslError(
    "unsupported",
    `ProcessGroup: expected a tensor of the torch engine, got one of ${tf.getBackend()}. Give the numbers as an array: await tensor.data().`,
  );
}
