import { CslError } from "@csl/internal/errors/csl-error";
import type { TResNetHead } from "./head-plan.js";
import { compareStateDict } from "./load-state-dict.js";
import { detectDecoder, hasDecoder } from "./ml-decoder/detect-decoder.js";
import { type BlockKind, type PerStage, type TResNetShape, type TResNetVariant, variants } from "./shape.js";
import { stateDictShapes, type TResNetArchitecture, type TResNetOptions } from "./state-dict-shapes.js";
import { unwrapStateDict } from "./unwrap-state-dict.js";

type Shapes = ReadonlyMap<string, { readonly shape: readonly number[] } | readonly number[]>;

/**
 * Reads variant, head and number of classes off a checkpoint's keys and shapes (a state-dict itself is accepted).
 * Published variants come back by name, any other consistent TResNet as a shape. Slopes are not in a checkpoint:
 * .01/.001 is assumed.
 *
 * @throws CslError `mismatch` for anything that is no TResNet, or one with another head than ours.
 */
export function detectTResNet(state: Shapes): TResNetArchitecture {
  const shapes = networkShapes(state);
  const found = { ...detectBody(shapes), ...detectHead(shapes) };
  requireKeys(shapes, stateDictShapes(found));
  return found;
}

function detectHead(shapes: PlainShapes): Omit<TResNetArchitecture, "variant"> {
  if (hasDecoder(shapes)) {
    const found = detectDecoder(shapes);
    return typeof found === "string" ? failAtHead(found) : { head: "ml-decoder", ...found };
  }
  const other = [...shapes.keys()].find((key) => key.startsWith("head.") && !/^head\.fc\./.test(key));
  const head: TResNetHead = shapes.has("head.fc.embedding_generator.0.weight") ? "bottleneck" : "linear";
  const last = head === "linear" ? "head.fc.weight" : "head.fc.FC.weight";
  const numClasses = shapes.get(last)?.[0];
  if (numClasses === undefined || numClasses < 1)
    failAtHead(`one without ${last}${other === undefined ? "" : ` (but ${other})`}`);
  return { numClasses, head };
}

/**
 * Reads the variant off the body's keys and shapes alone, whatever the head is: for weights to start a training from.
 *
 * @throws CslError `mismatch` for anything that has no TResNet's body.
 */
export function detectTResNetBody(state: Shapes): Pick<Required<TResNetOptions>, "variant"> {
  return detectBody(networkShapes(state));
}

function networkShapes(state: Shapes): PlainShapes {
  const { state: network } = unwrapStateDict<readonly number[] | { readonly shape: readonly number[] }>(
    state,
  );
  return new Map([...network].map(([key, value]) => [key, "shape" in value ? value.shape : value] as const));
}

function detectBody(shapes: PlainShapes): Pick<Required<TResNetOptions>, "variant"> {
  if (shapes.has("body.conv1.conv.weight"))
    fail("timm names (body.conv1.conv.weight)", "Convert it with convertTimmStateDict() first.");
  const stem = need(shapes, "body.conv1.0.weight");
  const planes = stem[0];
  if (stem.length !== 4 || planes === undefined || planes < 1)
    fail(`body.conv1.0.weight [${stem}]`, "Is it another network, or damaged?");
  const layers = blockCounts(shapes);
  const blocks = [1, 2, 3, 4].map((stage) => blockKind(shapes, stage)) as unknown as PerStage<BlockKind>;
  const variant = findVariant(planes, layers, blocks) ?? customShape(shapes, planes, layers, blocks);
  const expected = stateDictShapes({ variant, numClasses: 1 });
  const isBody = ([key]: readonly [string, unknown]): boolean => key.startsWith("body.");
  requireKeys(new Map([...shapes].filter(isBody)), new Map([...expected].filter(isBody)));
  return { variant };
}

function requireKeys(shapes: PlainShapes, expected: ReadonlyMap<string, number[]>): void {
  const report = compareStateDict(new Map([...shapes].map(([key, shape]) => [key, { shape }])), expected);
  const difference = [...report.missing, ...report.unexpected, ...report.mismatched.map(({ key }) => key)][0];
  if (difference) fail(`one that differs at ${difference}`, "Is it another network, or damaged?");
}

function failAtHead(got: string): never {
  fail(got, "Its body alone can be used: detectTResNetBody() and loadStateDict(state, { strict: false }).");
}

function fail(got: string, wayOut: string): never {
  throw new CslError(
    "mismatch",
    `detectTResNet: expected the state-dict of a TResNet, got ${got}. ${wayOut}`,
  );
}

type PlainShapes = ReadonlyMap<string, readonly number[]>;

function need(shapes: PlainShapes, key: string): readonly number[] {
  const shape = shapes.get(key);
  if (shape) return shape;
  const some = [...shapes.keys()].slice(0, 3).join(", ") || "no keys";
  return fail(
    `one without ${key} (${some}, …)`,
    "Is it of a TResNet? Pass the state-dict itself, not an object around it.",
  );
}

function blockCounts(shapes: PlainShapes): PerStage<number> {
  const counts = [0, 0, 0, 0];
  for (const key of shapes.keys()) {
    const [, stage, block] = /^body\.layer([1-4])\.(\d{1,6})\./.exec(key) ?? [];
    if (stage !== undefined)
      counts[Number(stage) - 1] = Math.max(counts[Number(stage) - 1]!, Number(block) + 1);
  }
  const empty = counts.indexOf(0);
  if (empty >= 0) fail(`one without body.layer${empty + 1}`, "Is the file complete?");
  // More blocks than keys: some are not there, and a list of all that should be has no use.
  if (counts.some((count) => count > shapes.size)) fail("one that lacks blocks", "Is the file complete?");
  return counts as unknown as PerStage<number>;
}

function blockKind(shapes: PlainShapes, stage: number): BlockKind {
  return shapes.has(`body.layer${stage}.0.conv3.0.weight`) ? "bottleneck" : "basic";
}

function findVariant(
  planes: number,
  layers: PerStage<number>,
  blocks: PerStage<BlockKind>,
): TResNetVariant | undefined {
  return (Object.keys(variants) as TResNetVariant[]).find((name) => {
    const shape = variants[name];
    return (
      Math.trunc(64 * shape.width) === planes &&
      `${shape.layers}` === `${layers}` &&
      `${shape.blocks}` === `${blocks}`
    );
  });
}

function customShape(
  shapes: PlainShapes,
  planes: number,
  layers: PerStage<number>,
  blocks: PerStage<BlockKind>,
): TResNetShape {
  const squeezeExcite = [1, 2, 3, 4].map((stage) =>
    shapes.has(`body.layer${stage}.0.se.fc1.weight`),
  ) as unknown as PerStage<boolean>;
  return { layers, width: planes / 64, blocks, squeezeExcite };
}
