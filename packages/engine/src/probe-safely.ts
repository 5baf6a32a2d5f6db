import type { EngineDriver, Probe } from "./engine-driver.js";

/** What is known about an engine; one that cannot even be looked at is broken, which is no error. */
export async function probeSafely(driver: EngineDriver): Promise<Probe> {
  try {
    return await driver.probe();
  } catch (thrown) {
    return { available: false, detail: `broken: ${oneLine(thrown)}` };
  }
}

/** For a list: the first line of an error's message, at most 160 characters. */
export function oneLine(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const lines = message.split("\n").map((line) => line.trim());
  const first = lines.find((line) => line !== "") ?? "unknown error";
  return first.length > 160 ? `${first.slice(0, 159)}…` : first;
}
