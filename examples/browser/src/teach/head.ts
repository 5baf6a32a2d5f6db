/** A class that a person named. */
export interface OwnClass {
  id: string;
  name: string;
}

/** A linear layer on the body's features: a logit per class of the person's own. */
export interface Head {
  classes: readonly OwnClass[];
  /** [classes, features], as PyTorch has it. */
  weight: Float32Array;
  /** [classes] */
  bias: Float32Array;
  /** SHA-256 of the model whose body gave the features. On those of another one the head means nothing. */
  body: string;
}

export function headLogits({ weight, bias }: Head, features: Float32Array): Float32Array {
  return bias.map((start, c) => {
    let sum = start;
    for (let i = 0; i < features.length; i++) sum += weight[c * features.length + i]! * features[i]!;
    return sum;
  });
}
