import * as tf from "@tensorflow/tfjs-core";
import type { Collectives } from "./collectives.js";

/** What a rank adds to a step besides its gradients. */
export interface RankNote {
  /** Its own loss; NaN or infinity stops all ranks before a weight is touched. */
  loss: number;
  /** Whether its running statistics are finite. */
  finite: boolean;
  /** Whether it was asked to stop. */
  stop: boolean;
  /** Images of its batches. */
  images: number;
}

/**
 * Replaces the gradients of a step by their sums over the ranks, and gives the notes of all ranks, in their order: one
 * reduction for both. Each rank has places of its own for its notes, where the others add 0, so they arrive unchanged.
 *
 * The loss is a sum over the images, so gradients are added: R ranks with batches of B are one process with batches of R · B.
 */
export type RankSum = (gradients: Map<string, tf.Tensor>, note: RankNote) => Promise<RankNote[]>;

/** Numbers of a note: the loss in two parts, so that float32 holds it to 48 bits. */
const noteSize = 5;

export function createRankSum(collectives: Collectives): RankSum {
  let buffer = new Float32Array(0);
  return async (gradients, note) => {
    const { size } = collectives;
    const notes = new Float32Array(noteSize * size);
    notes.set(encode(note), noteSize * collectives.rank);
    const count = [...gradients.values()].reduce((sum, tensor) => sum + tensor.size, 0);
    if (collectives.allReduceTensor) {
      await sumOnDevice(collectives as Required<Collectives>, gradients, notes);
    } else {
      if (buffer.length !== count + notes.length) buffer = new Float32Array(count + notes.length);
      await sumOnHost(collectives, gradients, notes, buffer);
    }
    return Array.from({ length: size }, (_, rank) => decode(notes.subarray(noteSize * rank)));
  };
}

/** One tensor holds all numbers: it is summed where it lies. */
async function sumOnDevice(
  collectives: Required<Collectives>,
  gradients: Map<string, tf.Tensor>,
  notes: Float32Array,
): Promise<void> {
  const entries = [...gradients];
  const all = tf.tidy(() =>
    tf.concat([...entries.map(([, tensor]) => tf.reshape(tensor, [-1])), tf.tensor1d(notes)]),
  );
  try {
    await collectives.allReduceTensor(all);
    let at = 0;
    for (const [key, tensor] of entries) {
      const { shape, size } = tensor;
      const begin = at;
      gradients.set(
        key,
        tf.tidy(() => tf.reshape(tf.slice(all, [begin], [size]), shape)),
      );
      tensor.dispose();
      at += size;
    }
    const rest = tf.slice(all, [at], [notes.length]);
    notes.set(await rest.data<"float32">());
    rest.dispose();
  } finally {
    all.dispose();
  }
}

async function sumOnHost(
  collectives: Collectives,
  gradients: Map<string, tf.Tensor>,
  notes: Float32Array,
  buffer: Float32Array,
): Promise<void> {
  let at = 0;
  for (const tensor of gradients.values()) {
    buffer.set(await tensor.data<"float32">(), at);
    at += tensor.size;
  }
  buffer.set(notes, at);
  await collectives.allReduce(buffer);
  at = 0;
  for (const [key, tensor] of gradients) {
    gradients.set(key, tf.tensor(buffer.slice(at, at + tensor.size), tensor.shape));
    at += tensor.size;
    tensor.dispose();
  }
  notes.set(buffer.subarray(at));
}

function encode({ loss, finite, stop, images }: RankNote): number[] {
  const high = Math.fround(loss);
  return [high, Number.isFinite(high) ? loss - high : 0, Number(finite), Number(stop), images];
}

function decode([high, low, finite, stop, images]: Float32Array): RankNote {
  return { loss: high! + low!, finite: finite === 1, stop: stop === 1, images: images! };
}
