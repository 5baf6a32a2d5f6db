/** How many training images LVIS has of a class: rare (1 to 10), common (11 to 100), frequent (more). */
export type Frequency = "r" | "c" | "f";

export const isFrequency = (value: unknown): value is Frequency =>
  value === "r" || value === "c" || value === "f";
