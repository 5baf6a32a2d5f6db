import { existsSync, readFileSync } from "node:fs";
import { arch, platform, release } from "node:os";
import type { Engine } from "@csl/engine";
import { packageFolder, version } from "../version.js";
import type { Surroundings } from "./reproduction-card.js";

/** The code and the machine of this process. */
export function surroundings({ name, device, version: engineVersion }: Engine): Surroundings {
  return {
    ...{ csl: version(), commit: commitOfRepository(), node: process.version },
    platform: `${platform()} ${release()} ${arch()}`,
    ...{ engine: name, device, engineVersion },
  };
}

/** What is checked out, where the package is in its repository; null where it was installed. */
function commitOfRepository(): string | null {
  const at = (path: string): URL => new URL(`../../.git/${path}`, packageFolder);
  const read = (path: string): string => readFileSync(at(path), "utf8").trim();
  try {
    if (!existsSync(at("HEAD"))) return null;
    const head = read("HEAD");
    const name = /^ref: (refs\/\S+)$/.exec(head)?.[1];
    if (name === undefined) return head;
    if (existsSync(at(name))) return read(name);
    return read("packed-refs").match(new RegExp(`^([0-9a-f]{40,64}) ${name}$`, "m"))?.[1] ?? null;
  } catch {
    return null;
  }
}

const words: Readonly<Record<keyof Surroundings, string>> = {
  csl: "version of csl",
  commit: "commit of csl",
  node: "Node",
  platform: "platform",
  engine: "engine",
  device: "device",
  engineVersion: "version of the engine",
};

/** What is another than it was, in words. That alone makes no result another. */
export function surroundingChanges(before: Surroundings, now: Surroundings): string[] {
  return (Object.keys(words) as (keyof Surroundings)[])
    .filter((key) => before[key] !== now[key])
    .map((key) => `${words[key]}: ${now[key] ?? "none"} instead of ${before[key] ?? "none"}`);
}
