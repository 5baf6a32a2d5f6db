import type { BrowserEngineName } from "@csl/engine/browser";
import { engineNames } from "./compute.js";
import type { Networks } from "./networks.js";

/** What an engine did: milliseconds of an image, or why it does not start. */
export type Measured = { name: BrowserEngineName } & ({ milliseconds: number } | { problem: string });

/** How often the image is computed; the first time, which compiles programs, does not count. */
const repeats = 8;

/**
 * Times the networks on every engine that starts, cpu apart, which is for comparison only and slow, and stays on the fastest.
 */
export async function measureEngines(
  networks: Networks,
  pixels: Uint8Array,
  onEach: (name: BrowserEngineName) => void,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const name of engineNames.filter((one) => one !== "cpu")) {
    onEach(name);
    try {
      await networks.move(name);
      await networks.answer([pixels]);
      const started = performance.now();
      for (let i = 0; i < repeats; i++) await networks.answer([pixels]);
      measured.push({ name, milliseconds: (performance.now() - started) / repeats });
    } catch (error) {
      measured.push({ name, problem: (error as Error).message });
    }
  }
  const [fastest] = measured
    .flatMap((one) => ("milliseconds" in one ? [one] : []))
    .sort((a, b) => a.milliseconds - b.milliseconds);
  if (fastest && fastest.name !== networks.engine.name) await networks.move(fastest.name);
  return measured;
}
