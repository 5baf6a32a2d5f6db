import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, totalmem } from "node:os";
import * as tf from "@tensorflow/tfjs-core";
import { cpuModel } from "../engines/cpu.js";

/**
 * What a measurement holds for, as one text: this kind of machine with these versions. A home folder may be shared by
 * machines, so it is about hardware, and two machines of one kind share what was measured.
 */
export function thisMachine(): string {
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return [
    `${process.platform} ${process.arch}`,
    `${cpuModel()}, ${availableParallelism()} cores, ${gibibytes} GiB`,
    `${nvidiaDevices()} NVIDIA GPUs`,
    `@csl/engine ${engineVersion()}, TensorFlow.js ${tf.version_core}, Node ${process.version}`,
  ].join("; ");
}

function nvidiaDevices(): number {
  try {
    return readdirSync("/dev").filter((name) => /^nvidia\d+$/.test(name)).length;
  } catch {
    return 0;
  }
}

/** By the package's own name: in a bundle of somebody else's there may be no such package. */
function engineVersion(): string {
  try {
    return (createRequire(import.meta.url)("@csl/engine/package.json") as { version: string }).version;
  } catch {
    return "bundled";
  }
}
