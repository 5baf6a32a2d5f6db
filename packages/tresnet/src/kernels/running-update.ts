import {
  CslRunningUpdate,
  type CslRunningUpdateAttrs,
  type CslRunningUpdateInputs,
} from "@csl/internal/kernels/named-kernels";
import * as tf from "@tensorflow/tfjs-core";
import type { KernelDefinition } from "./kernel-definition.js";

/** running · keep + batch · add. A kernel so that one call per statistic is enough and the tape does not record it. */
export const runningUpdate: KernelDefinition<CslRunningUpdateInputs, CslRunningUpdateAttrs> = {
  name: CslRunningUpdate,
  composed: ({ running, batch }, { keep, add }) => tf.add(tf.mul(running, keep), tf.mul(batch, add)),
  flat: (memory, { running, batch }, { keep, add }) => {
    const next = memory.allocate(running.shape);
    const [old, now, out] = [memory.view(running), memory.view(batch), memory.view(next)];
    for (let i = 0; i < out.length; i++) out[i] = old[i]! * keep + now[i]! * add;
    return [next];
  },
};
