import { CslError } from "@csl/internal/errors/csl-error";
import type { FuzzTarget } from "./target.js";

const samples = () => [Buffer.from("a whole file")];
const whole = (input: Uint8Array): boolean => Buffer.from(input).equals(samples()[0]!);
const held: Buffer[] = [];

/** For the runner's own test: readers with one fault each. */
export const targets: readonly FuzzTarget[] = [
  {
    name: "sound",
    samples,
    read(input) {
      if (!whole(input)) throw new CslError("invalid-file", "sound: expected the sample, got another.");
    },
  },
  {
    name: "throws",
    samples,
    read(input) {
      if (!whole(input)) throw new TypeError("of something undefined");
    },
  },
  {
    name: "rejects-later",
    samples,
    async read(input) {
      if (!whole(input)) void Promise.reject(new RangeError("nobody waits"));
      await new Promise((resolve) => setTimeout(resolve, 5));
    },
  },
  {
    name: "refuses-samples",
    samples,
    read() {
      throw new CslError("invalid-file", "refuses-samples: expected nothing.");
    },
  },
  {
    name: "hangs",
    samples,
    read(input) {
      while (!whole(input));
    },
  },
  {
    name: "never-answers",
    samples,
    read: (input) => (whole(input) ? undefined : new Promise(() => {})),
  },
  {
    name: "grows",
    samples,
    read(input) {
      if (!whole(input)) held.push(Buffer.alloc(96 * 2 ** 20, 1));
    },
  },
];
