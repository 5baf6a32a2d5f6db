/** Something that is repeated and timed. */
export interface Repetitions {
  /** Repeats it and returns when the device is done. */
  run(count: number): Promise<void>;
  /** Frees what it holds. */
  end(): Promise<void>;
}
