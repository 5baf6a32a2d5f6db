import { mulberry32 } from "@csl/internal/random/mulberry32";

/** How often each sample is drawn, for every draw. A count above 255 has a probability of less than 1e-500. */
export function drawSamples(samples: number, draws: number, seed: number): Uint8Array[] {
  const random = mulberry32(seed);
  return Array.from({ length: draws }, () => {
    const counts = new Uint8Array(samples);
    for (let i = 0; i < samples; i++) counts[Math.floor(random() * samples)]!++;
    return counts;
  });
}
