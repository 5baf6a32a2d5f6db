/** A file in parts, so that the whole is never in memory. `parts` can be asked for again. */
export interface FileParts {
  byteLength: number;
  parts(): Iterable<Uint8Array>;
}
