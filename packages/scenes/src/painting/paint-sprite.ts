import type { Sprite } from "../drawings/sprite.js";

/** Position of a drawing on the canvas; positions and size in pixels, rotation in radians (clockwise on screen). */
export interface Placement {
  readonly centreX: number;
  readonly centreY: number;
  /** Length of the longer side of the drawing. */
  readonly size: number;
  readonly rotation: number;
  readonly flip: boolean;
  readonly gain: number;
}

/** Alpha above which a pixel shows the drawing rather than what is behind it. */
const ownAlpha = 0.5;

/**
 * Blends a drawing over the float RGB canvas `pixels` (side × side) and sets `owner` for each pixel that now
 * shows it. @returns how many pixels that are.
 */
export function paintSprite(
  pixels: Float32Array,
  owners: Uint8Array,
  side: number,
  sprite: Sprite,
  placement: Placement,
  owner: number,
): number {
  const { centreX, centreY, size, flip, gain } = placement;
  const level = levelFor(sprite, size);
  const { side: texels, data } = sprite.levels[level]!;
  const scale = sprite.extent / size / 2 ** level; // texels a pixel
  const cos = Math.cos(placement.rotation) * scale;
  const sin = Math.sin(placement.rotation) * scale;
  const middle = (sprite.origin + sprite.extent / 2) / 2 ** level - 0.5;
  const mirror = flip ? -1 : 1;
  const reach = ((size / 2) * (Math.abs(cos) + Math.abs(sin))) / scale + 1;
  const [left, right] = span(centreX, reach, side);
  const [top, bottom] = span(centreY, reach, side);
  let owned = 0;
  for (let y = top; y < bottom; y++) {
    const dy = y + 0.5 - centreY;
    for (let x = left; x < right; x++) {
      const dx = x + 0.5 - centreX;
      const u = middle + mirror * (dx * cos + dy * sin);
      const v = middle - dx * sin + dy * cos;
      const u0 = Math.floor(u);
      const v0 = Math.floor(v);
      if (u0 < 0 || v0 < 0 || u0 >= texels - 1 || v0 >= texels - 1) continue;
      const fu = u - u0;
      const fv = v - v0;
      const w11 = fu * fv;
      const w10 = fv - w11;
      const w01 = fu - w11;
      const w00 = 1 - fu - fv + w11;
      const a = (v0 * texels + u0) * 4;
      const b = a + texels * 4;
      const alpha = (data[a + 3]! * w00 + data[a + 7]! * w01 + data[b + 3]! * w10 + data[b + 7]! * w11) / 255;
      if (alpha <= 0.004) continue;
      const out = (y * side + x) * 3;
      for (let c = 0; c < 3; c++) {
        const colour =
          data[a + c]! * w00 + data[a + 4 + c]! * w01 + data[b + c]! * w10 + data[b + 4 + c]! * w11;
        pixels[out + c] = pixels[out + c]! * (1 - alpha) + colour * gain;
      }
      if (alpha > ownAlpha) {
        owners[y * side + x] = owner;
        owned++;
      }
    }
  }
  return owned;
}

/** The smallest mip level that still has at least one texel a pixel. */
function levelFor(sprite: Sprite, size: number): number {
  const level = Math.floor(Math.log2(sprite.extent / size) + 0.25);
  return Math.min(sprite.levels.length - 1, Math.max(0, level));
}

function span(centre: number, reach: number, side: number): [number, number] {
  return [Math.max(0, Math.floor(centre - reach)), Math.min(side, Math.ceil(centre + reach))];
}
