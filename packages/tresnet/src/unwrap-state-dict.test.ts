import { expect, it } from "vitest";
import { detectTResNet, detectTResNetBody } from "./detect-tresnet.js";
import { stateDictShapes } from "./state-dict-shapes.js";
import { unwrapStateDict } from "./unwrap-state-dict.js";

const options = {
  variant: { layers: [1, 1, 1, 1], width: 0.25, blocks: ["basic", "basic", "bottleneck", "bottleneck"] },
  numClasses: 3,
} as const;
const shapes = stateDictShapes(options);

type Keys = [key: string, value: readonly number[]][];
const prefixed = (prefix: string): Keys => [...shapes].map(([key, shape]) => [prefix + key, shape]);
const other: readonly number[] = [1];

it.each<[what: string, prefix: string, keys: Keys, beside: string[]]>([
  ["no wrapper", "", prefixed(""), []],
  ["DataParallel", "module.", prefixed("module."), []],
  ["torch.compile", "_orig_mod.", prefixed("_orig_mod."), []],
  ["a module of one's own", "net.", prefixed("net."), []],
  ["several at once", "module._orig_mod.model.", prefixed("module._orig_mod.model."), []],
  [
    "an averaged model with its counter",
    "module.",
    [["n_averaged", []], ...prefixed("module.")],
    ["n_averaged"],
  ],
  [
    "Lightning, with its criterion and metrics",
    "model.",
    [...prefixed("model."), ["criterion.weight", other], ["val_map.counts", other]],
    ["criterion.weight", "val_map.counts"],
  ],
  [
    "a criterion beside bare keys",
    "",
    [...prefixed(""), ["criterion.pos_weight", other]],
    ["criterion.pos_weight"],
  ],
  [
    "averaged and raw weights in one",
    "ema_model.module.",
    [...prefixed("model."), ...prefixed("ema_model.module.")],
    prefixed("model.").map(([key]) => key),
  ],
  [
    "a student and a teacher: the shorter name",
    "model.",
    [...prefixed("teacher_model."), ...prefixed("model.")],
    prefixed("teacher_model.").map(([key]) => key),
  ],
])("takes the network out of %s", (_, prefix, keys, beside) => {
  const found = unwrapStateDict(new Map(keys));
  expect(found.prefix).toBe(prefix);
  expect(found.beside).toEqual(beside);
  expect(found.state).toEqual(shapes);
  expect(detectTResNet(new Map(keys)).numClasses).toBe(3);
});

it("takes off wrappers of single blocks: compiled, sharded, checkpointed", () => {
  const wrapped = [...shapes].map(([key, shape]): [string, readonly number[]] => [
    key
      .replace("body.conv1.", "body._orig_mod.conv1.")
      .replace("body.layer1.0.", "body.layer1.0._fsdp_wrapped_module._checkpoint_wrapped_module.")
      .replace("head.", "head.module."),
    shape,
  ]);
  expect(unwrapStateDict(new Map(wrapped)).state).toEqual(shapes);
});

const bodyShapes = new Map([...shapes].filter(([key]) => key.startsWith("body.")));
const numbers = { conv1: 1, layer1: 2, layer2: 3, layer3: 4, layer4: 5 };
const numbered = (key: string): string =>
  key.replace(/^(conv1|layer[1-4])/, (part) => String(numbers[part as keyof typeof numbers]));

it.each<[what: string, prefix: string, name: (key: string) => string]>([
  ["model.body", "", (key) => key],
  ["model.body, compiled", "_orig_mod.", (key) => `_orig_mod.${key}`],
  ["a Sequential of a body and more", "0.", (key) => `0.${key}`],
  ["a Sequential of a body's parts", "", numbered],
  ["one within another", "backbone.0.", (key) => `backbone.0.${numbered(key)}`],
])("takes the body out of %s", (_, prefix, name) => {
  const keys = [...bodyShapes].map(([key, shape]) => [name(key.slice("body.".length)), shape] as const);
  const found = unwrapStateDict(new Map([...keys, ["criterion.weight", other]]));
  expect(found).toEqual({ state: bodyShapes, prefix, beside: ["criterion.weight"] });
  expect(detectTResNetBody(new Map(keys)).variant).toEqual(
    expect.objectContaining({ layers: options.variant.layers }),
  );
});

it("takes no other network for a body: a ResNet-D has conv1.0.weight as well", () => {
  const resnet: Keys = [
    ["conv1.0.weight", [32, 3, 3, 3]],
    ["layer1.0.conv1.weight", [64, 64, 1, 1]],
  ];
  expect(unwrapStateDict(new Map(resnet)).state).toEqual(new Map(resnet));
});
