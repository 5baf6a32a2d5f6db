import { file, integer, number, type OptionsOf, text, toggle } from "../../flags/flag.js";
import { tokenVariable } from "./http/check-token.js";

export const serveFlags = {
  Address: {
    port: integer("the port", { default: 8080, from: 0, to: 65_535 }),
    host: text("the address to listen on; another one than this machine's own needs a token", {
      placeholder: "address",
      default: "127.0.0.1",
    }),
    "token-file": file(
      `a file with a token that requests must bring (Authorization: Bearer …); the environment's ${tokenVariable} does the same`,
      { reads: { what: "a file with a token", wayOut: () => "`openssl rand -hex 24` makes one." } },
    ),
    open: toggle("answer everybody: listen on another address without a token"),
  },
  Tags: {
    threshold: number(
      "smallest score of a tag, for every class; default: the model's thresholds, else 0.97",
      {
        from: 0,
        to: 1,
      },
    ),
    top: integer("at most this many tags", { default: 30, from: 1 }),
    "auto-orient": toggle("turn images as their EXIF orientation says: photographs of phones"),
  },
  Batches: {
    "batch-size": integer("images that run together at most", { short: "b", default: 8, from: 1, to: 1024 }),
    "batch-delay": number("milliseconds that the first image waits for others", {
      default: 5,
      from: 0,
      to: 10_000,
    }),
    device: text("what onnxruntime computes on: cpu, or cuda, webgpu, coreml, dml where it has them", {
      placeholder: "name",
      default: "cpu",
    }),
    threads: integer("threads that compute; default: the number of cores", { from: 1, to: 1024 }),
  },
  Limits: {
    queue: integer("images that may wait for an answer; more are refused with 429", {
      default: 64,
      from: 1,
      to: 100_000,
    }),
    timeout: number("seconds that a request may take to arrive, and again until it is answered", {
      default: 30,
      above: 0,
      to: 3600,
    }),
    "max-bytes": integer("bytes of the largest image", { default: 20_000_000, from: 1, to: 2 ** 30 }),
    "max-pixels": integer("pixels of the largest image", { default: 50_000_000, from: 1, to: 178_956_970 }),
    urls: toggle("also take lists of addresses, and fetch them: http and https, of the public internet only"),
    "private-urls": toggle("with --urls: also from this machine and private networks", { needs: "urls" }),
  },
};

export type ServeOptions = OptionsOf<typeof serveFlags>;
