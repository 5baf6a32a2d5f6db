import * as tf from "@tensorflow/tfjs-core";

type Gradients = Record<string, () => tf.Tensor>;

interface TapeNode {
  inputs: tf.NamedTensorMap;
  outputs: tf.Tensor[];
  saved: tf.Tensor[];
  gradient?: (dys: (tf.Tensor | null)[]) => Gradients;
}

/** What is used of TensorFlow.js's engine; the same in all of its 4.x. */
interface Engine {
  state: { gradientDepth: number; activeTape: TapeNode[] | null; activeScope: { id: number } | null };
  addTapeNode(...args: unknown[]): void;
  gradients(f: () => tf.Tensor, xs: tf.Tensor[], ...rest: unknown[]): unknown;
}

const installed = Symbol.for("@csl/tfjs-backend-torch frugal gradients");

/**
 * Frees on the way back what TensorFlow.js frees only after the whole way: the gradient that a step of the tape was given, and
 * what the step had saved, as soon as the next step begins. Half the memory of a training step. Numbers do not change, and
 * only tensors that TensorFlow.js itself would dispose of at the end are touched. Gradients of gradients stay as they are.
 */
export function freeGradientsEarly(): void {
  const engine = tf.engine() as unknown as Engine & { [installed]?: boolean };
  if (engine[installed] || typeof engine.addTapeNode !== "function") return;
  engine[installed] = true;
  const { addTapeNode, gradients } = engine;
  let walk: Walk | undefined;

  engine.gradients = function (this: Engine, f, xs, ...rest) {
    const outer = walk;
    walk = new Walk(new Set(xs.map(({ id }) => id)));
    try {
      return gradients.call(this, f, xs, ...rest);
    } finally {
      walk = outer;
    }
  };
  engine.addTapeNode = function (this: Engine, ...args) {
    addTapeNode.apply(this, args);
    const node = this.state.activeTape?.at(-1);
    const gradient = node?.gradient;
    if (!node || !gradient) return;
    node.gradient = (dys) => {
      // On the way back of the outermost gradient only: an outer one would need the tape again.
      if (!walk || this.state.gradientDepth !== 0 || !this.state.activeScope) return gradient(dys);
      walk.begin(this.state.activeScope.id);
      return walk.follow(node, dys, gradient(dys));
    };
  };
}

/** One way back over a tape. */
class Walk {
  readonly #wanted: ReadonlySet<number>;
  readonly #timesReturned = new Map<tf.Tensor, number>();
  readonly #received = new Set<number>();
  /** Done with once the step after the present one begins. */
  #spent: tf.Tensor[] = [];
  #spentSaved: tf.Tensor[] = [];

  constructor(wanted: ReadonlySet<number>) {
    this.#wanted = wanted;
  }

  begin(scope: number): void {
    for (const tensor of this.#spent) {
      const shared = (this.#timesReturned.get(tensor) ?? 1) > 1;
      // Of this way's own scope: what a gradient function was lent or keeps elsewhere is not ours.
      const own = !tensor.kept && (tensor as unknown as { scopeId: number }).scopeId === scope;
      if (own && !shared) tensor.dispose();
    }
    for (const tensor of this.#spentSaved) tensor.dispose();
    this.#spent = [];
    this.#spentSaved = [];
  }

  follow(node: TapeNode, dys: (tf.Tensor | null)[], gradients: Gradients): Gradients {
    for (const [i, dy] of dys.entries())
      if (dy && !this.#wanted.has(node.outputs[i]!.id)) this.#spent.push(dy);
    this.#spentSaved.push(...node.saved);
    return Object.fromEntries(
      Object.entries(gradients).map(([name, gradient]) => [
        name,
        () => this.#returned(node.inputs[name], gradient()),
      ]),
    );
  }

  #returned(input: tf.Tensor | undefined, dx: tf.Tensor): tf.Tensor {
    this.#timesReturned.set(dx, (this.#timesReturned.get(dx) ?? 0) + 1);
    if (input) {
      // The second gradient of a tensor is added to the first, and is then of no more use.
      if (this.#received.has(input.id)) this.#spent.push(dx);
      this.#received.add(input.id);
    }
    return dx;
  }
}
