import type { ModelDescription } from "@csl/internal/model-description/model-description";

/** A network that is ready to run. An application may bring one of its own. */
export interface Network {
  readonly description: ModelDescription;
  /**
   * Logits of a batch. It is called again only when the call before it has ended.
   *
   * @param pixels RGB, [count, imageSize, imageSize, 3]
   * @returns [count * classes]
   */
  run(pixels: Uint8Array, count: number): Promise<Float32Array>;
  /** Frees it. Nothing runs any more. */
  dispose(): Promise<void> | void;
}

export function isNetwork(value: unknown): value is Network {
  return typeof value === "object" && value !== null && "run" in value && "description" in value;
}
