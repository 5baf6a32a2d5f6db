export interface EmaOptions {
  /** Share of the old average that stays at each step. Default 0.9997, the reference's. */
  decay?: number;
  /** true: min(decay, (1 + n) / (10 + n)) at update n, for short runs. Default false, as the reference. */
  warmup?: boolean;
}
