import type { Random } from "@csl/internal/random/mulberry32";

/** A reader that is tried with damaged files. */
export interface FuzzTarget {
  /** In lower case, for the command line: "safetensors". */
  name: string;
  /** Whole files, each of which the reader must read. The mutated inputs are made from these. */
  samples: () => Promise<readonly Uint8Array[]> | readonly Uint8Array[];
  /**
   * Reads an input, and looks at what came: what a command would do next. A `CslError` refuses it; any other error is a
   * fault.
   *
   * @param at the path of a name in a folder of the process's own, for readers of files.
   */
  read: (input: Uint8Array, at: (name: string) => string) => unknown;
  /** Texts of the format, which are put somewhere into an input. */
  words?: readonly string[];
  /** A mutation that knows the format, e.g. one that keeps its lengths or sums right. Half of the inputs get one. */
  mutate?: (sample: Uint8Array, random: Random) => Uint8Array;
}
