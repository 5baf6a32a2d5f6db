import { join } from "node:path";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import sharp from "sharp";

/**
 * Writes JPEGs of gradients, edges and noise of σ ≈ 4, so that their entropy (about 90 kB for 640x480) is that of
 * photographs.
 *
 * @returns their paths
 */
export async function drawPhotos(
  folder: string,
  { width, height, count }: { width: number; height: number; count: number },
): Promise<string[]> {
  const paths: string[] = [];
  for (let n = 0; n < count; n++) {
    const random = mulberry32(n + 1);
    const data = new Uint8ClampedArray(width * height * 3);
    for (let i = 0; i < data.length; i++) {
      const x = Math.floor(i / 3) % width;
      const y = Math.floor(i / 3 / width);
      const edges = Math.sin(x / (9 + n)) * Math.cos(y / 13) > 0.2 ? 60 : 0;
      const noise = (random() + random() + random() - 1.5) * 8;
      data[i] = 60 + edges + (x * (1 + (i % 3))) / 12 + y / 6 + noise;
    }
    const path = join(folder, `${width}x${height}-${n}.jpg`);
    await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 92 })
      .toFile(path);
    paths.push(path);
  }
  return paths;
}
