import * as tf from "@tensorflow/tfjs-core";

type Gradients = Record<string, () => tf.Tensor>;

/** What is used of TensorFlow.js's tape; the same in all of its 4.x. */
interface TapeNode {
  inputs: tf.NamedTensorMap;
  outputs: tf.Tensor[];
  gradient?: (dys: (tf.Tensor | null)[]) => Gradients;
}

/**
 * To be called at the end of a function that is being differentiated: the backward pass that follows hands on the gradient of
 * a parameter as soon as it has it, which is when the last use of the parameter is behind it.
 *
 * @param result of the function
 * @param parameters by key
 * @param receive owns what it receives, and is called within a tidy
 */
export function watchGradients(
  result: tf.Tensor,
  parameters: ReadonlyMap<string, tf.Variable>,
  receive: (key: string, gradient: tf.Tensor) => void,
): void {
  const watched = new Map(
    [...parameters].map(([key, { id }]) => [id, { key, uses: 0, sum: undefined as tf.Tensor | undefined }]),
  );
  const add = (id: number, dx: tf.Tensor): void => {
    const one = watched.get(id)!;
    // As the tape itself adds them, so that the bits are the same.
    const sum = tf.keep(one.sum ? tf.add(one.sum, dx) : tf.clone(dx));
    one.sum?.dispose();
    one.sum = sum;
    if (--one.uses === 0) receive(one.key, sum);
  };
  for (const node of nodesOf(result)) {
    const { gradient } = node;
    const inputs = Object.entries(node.inputs).filter(([, { id }]) => watched.has(id));
    if (!gradient || inputs.length === 0) continue;
    for (const [, { id }] of inputs) watched.get(id)!.uses++;
    node.gradient = (dys) => {
      const gradients = { ...gradient(dys) };
      for (const [name, { id }] of inputs) {
        const compute = gradients[name]!;
        gradients[name] = () => {
          const dx = compute();
          add(id, dx);
          return dx;
        };
      }
      return gradients;
    };
  }
}

/** Those of the tape that lead to the result. Others, as of what is saved for the backward pass, take no part in it. */
function nodesOf(result: tf.Tensor): TapeNode[] {
  const { activeTape } = (tf.engine() as unknown as { state: { activeTape: TapeNode[] | null } }).state;
  const lead = new Set([result.id]);
  return [...(activeTape ?? [])].reverse().filter(({ inputs, outputs }) => {
    if (!outputs.some(({ id }) => lead.has(id))) return false;
    for (const { id } of Object.values(inputs)) lead.add(id);
    return true;
  });
}
