/**
 * Nearest neighbour in 16.16 fixed point: the source of output (x, y) is start + x * step + y * rowStep in both
 * coordinates; outside is grey 128.
 */
export function rotate(
  from: usize, to: usize, width: i32, height: i32,
  startX: i32, startY: i32, stepX: i32, stepY: i32, rowStepX: i32, rowStepY: i32,
): void {
  const stride = <usize>width * 3;
  for (let y = 0; y < height; y++, startX += rowStepX, startY += rowStepY) {
    let atX = startX;
    let atY = startY;
    for (let x = 0; x < width; x++, to += 3, atX += stepX, atY += stepY) {
      const column = atX >> 16;
      const row = atY >> 16;
      const inside = <i32>(<u32>column < <u32>width) & <i32>(<u32>row < <u32>height);
      store<u32>(to, inside ? load<u32>(from + <usize>row * stride + <usize>column * 3) : 0x808080);
    }
  }
}
