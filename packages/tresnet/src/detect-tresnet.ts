import { CslError } from "@csl/internal/errors/csl-error";
import { compareStateDict, withoutModulePrefix } from "./load-state-dict.js";
import { type BlockKind, type PerStage, type TResNetShape, type TResNetVariant, variants } from "./shape.js";
import { stateDictShapes, type TResNetHead, type TResNetOptions } from "./state-dict-shapes.js";

type Shapes = ReadonlyMap<string, { readonly shape: readonly number[] } | readonly number[]>;

/**
 * Reads variant, head and number of classes off a checkpoint's keys and shapes (a state-dict itself is accepted).
 * Published variants come back by name, any other consistent TResNet as a shape. Slopes are not in a checkpoint:
 * .01/.001 is assumed.
 *
 * @throws CslError `mismatch` for anything that is no TResNet.
 */
export function detectTResNet(state: Shapes): Required<TResNetOptions> {
  const shapes = withoutModulePrefix(
    new Map([...state].map(([key, value]) => [key, "shape" in value ? value.shape : value] as const)),
  );
  if (shapes.has("body.conv1.conv.weight"))
    fail("timm names (body.conv1.conv.weight)", "Convert it with convertTimmStateDict() first.");
  if ([...shapes.keys()].some((key) => key.startsWith("head.decoder.")))
    fail("an ML-Decoder head", "Only linear and bottleneck heads are supported.");
  const planes = need(shapes, "body.conv1.0.weight")[0]!;
  const layers = [1, 2, 3, 4].map((stage) => blockCount(shapes, stage)) as unknown as PerStage<number>;
  const blocks = [1, 2, 3, 4].map((stage) => blockKind(shapes, stage)) as unknown as PerStage<BlockKind>;
  const head: TResNetHead = shapes.has("head.fc.embedding_generator.0.weight") ? "bottleneck" : "linear";
  const numClasses = need(shapes, head === "linear" ? "head.fc.weight" : "head.fc.FC.weight")[0]!;
  const variant = findVariant(planes, layers, blocks) ?? customShape(shapes, planes, layers, blocks);
  const report = compareStateDict(
    new Map([...shapes].map(([key, shape]) => [key, { shape }])),
    stateDictShapes({ variant, numClasses, head }),
  );
  const difference = [...report.missing, ...report.unexpected, ...report.mismatched.map(({ key }) => key)][0];
  if (difference) fail(`one that differs at ${difference}`, "Is it another network, or damaged?");
  return { variant, numClasses, head };
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

function blockCount(shapes: PlainShapes, stage: number): number {
  let count = 0;
  while ([...shapes.keys()].some((key) => key.startsWith(`body.layer${stage}.${count}.`))) count++;
  if (count === 0) fail(`one without body.layer${stage}`, "Is the file complete?");
  return count;
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
