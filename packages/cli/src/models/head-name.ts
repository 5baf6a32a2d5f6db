import type { TResNetArchitecture } from "@csl/tresnet";

type Head = Pick<TResNetArchitecture, "head" | "decoder" | "numClasses">;

/**
 * A head in words: two of the same name have the same tensors for the same classes. The number of an ML-Decoder's queries
 * belongs to it unless each class is one.
 */
export function headName(model: Head): string {
  const { head, decoder } = model;
  if (!decoder) return head;
  const what =
    decoder.classEmbedding !== undefined
      ? `embeddings of ${decoder.classEmbedding}`
      : hasRows(model)
        ? "a query per class"
        : `${decoder.groups} queries`;
  return `${head} (width ${decoder.embedding}, ${what})`;
}

/** The flags that make such a head. */
export function headFlags(model: Head): string {
  const { head, decoder } = model;
  if (!decoder) return `--head ${head}`;
  const more =
    decoder.classEmbedding !== undefined
      ? ` --class-embeddings FILE with ${decoder.classEmbedding} numbers per class`
      : ` --num-of-groups ${hasRows(model) ? "with the number of classes" : decoder.groups}`;
  return `--head ${head} --decoder-embedding ${decoder.embedding}${more}`;
}

/** Whether each class has rows of its own. */
export function hasRows({ decoder, numClasses }: Head): boolean {
  return decoder?.groups === undefined || decoder.groups >= numClasses;
}

/** How classes and queries go together, for a message. */
export function queries({ decoder, numClasses }: Head): string {
  return `${decoder?.groups ?? numClasses} for ${numClasses}`;
}
