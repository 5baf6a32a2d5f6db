import { multiplyAdds, type TResNetOptions } from "@csl/tresnet";

/** How large a training step is, as `startEngine({ work })` takes it: multiply-adds of the forward pass over a batch. */
export function stepWork(
  network: TResNetOptions,
  { imageSize, batchSize }: { imageSize: number; batchSize: number },
): number {
  return batchSize * multiplyAdds(network, imageSize);
}
