import { ignore, negative, selective, type UnannotatedPolicy } from "@csl/partial-loss";

/** How labels that the person left open count, by name: the three trainings of the quick start. */
export const policies: Record<
  string,
  { title: string; note: string; make(classes: number): UnannotatedPolicy }
> = {
  csl: {
    title: "CSL: likely ones ignored, rest absent",
    note: "In each image the likeliest open class is ignored, the others count as absent. With fewer than four classes none is ignored.",
    // One of two or three open classes would be most of what an image says.
    make: (classes) => selective({ topK: classes < 4 ? 0 : 1, topKScope: "sample" }),
  },
  ignore: {
    title: "Ignore: left out",
    note: "Each class then needs images where you said that it is absent.",
    make: () => ignore(),
  },
  negative: {
    title: "Negative: absent",
    note: "Right where you marked all that an image shows.",
    make: () => negative(),
  },
};
