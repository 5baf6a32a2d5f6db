import type { Random } from "@csl/internal/random/mulberry32";
import { below, pick } from "./mutate.js";

const values: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  1e300,
  "",
  "1",
  "NaN",
  "\u0000",
  "__proto__",
  [],
  {},
  [[]],
  [null],
  { a: 1 },
];

/** The text of a JSON value with one to three of its nodes replaced, dropped, doubled or wrapped. It is JSON again. */
export function mutateJson(text: string, random: Random): string {
  let value: unknown = JSON.parse(text);
  const times = 1 + below(random, 3);
  for (let i = 0; i < times; i++) value = mutateNode(value, random);
  return JSON.stringify(value) ?? "null";
}

function mutateNode(root: unknown, random: Random): unknown {
  const places: [parent: Record<string, unknown>, key: string][] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key]);
      walk((node as Record<string, unknown>)[key]);
    }
  };
  walk(root);
  if (places.length === 0 || random() < 0.02) return pick(random, values);
  const [parent, key] = pick(random, places);
  const [otherParent, otherKey] = pick(random, places);
  const other = structuredClone(otherParent[otherKey]); // a copy: a node within itself would have no text
  switch (below(random, 6)) {
    case 0:
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else delete parent[key];
      break;
    case 1:
      if (Array.isArray(parent)) parent.splice(Number(key), 0, structuredClone(parent[Number(key)]));
      else parent[`${key}2`] = structuredClone(parent[key]);
      break;
    case 2:
      parent[key] = other;
      break;
    case 3:
      parent[key] = [parent[key]];
      break;
    default:
      parent[key] = structuredClone(pick(random, values));
  }
  return root;
}
