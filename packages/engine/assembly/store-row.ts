// Stores the first `columns` (1 to 8) of eight numbers.
export function storeRow(out: usize, left: v128, right: v128, columns: i32): void {
  if (columns === 8) {
    v128.store(out, left, 0);
    v128.store(out, right, 16);
    return;
  }
  let rest = left;
  if (columns >= 4) {
    v128.store(out, left);
    out += 16;
    columns -= 4;
    rest = right;
  }
  if (columns > 0) v128.store_lane<f32>(out, rest, 0, 0);
  if (columns > 1) v128.store_lane<f32>(out, rest, 1, 4);
  if (columns > 2) v128.store_lane<f32>(out, rest, 2, 8);
}
