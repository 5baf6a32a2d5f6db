/** `models/models.json`, as scripts/copy-models.mjs writes it. */
export interface Manifest {
  /** The quick start's folder that the models are from. */
  source: string;
  /** Trained on so few images that scores mean nothing. */
  small: boolean;
  /** The first one tags, and its body gives the features. `mapC` is a fraction. */
  models: { id: string; name: string; file: string; sha256: string; mapC: number }[];
  /** Logits that a tag of the first model exceeds, by class id, and for classes without one. */
  thresholds: { classes: Record<string, number>; global: number };
  /** Images of the quick start, with the ids of the classes that they show. */
  samples: { file: string; shows: string[] }[];
}
