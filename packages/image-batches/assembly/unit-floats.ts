/** Samples to float32 of 0 ... 1: v / 255, correctly rounded, as torchvision's ToTensor. */
export function unitFloats(from: usize, to: usize, count: i32): void {
  const most = f32x4.splat(255);
  for (let i = 0; i < count; i += 16, from += 16, to += 64) {
    const bytes = v128.load(from);
    const low = i16x8.extend_low_i8x16_u(bytes);
    const high = i16x8.extend_high_i8x16_u(bytes);
    v128.store(to, f32x4.div(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(low)), most));
    v128.store(to, f32x4.div(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(low)), most), 16);
    v128.store(to, f32x4.div(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(high)), most), 32);
    v128.store(to, f32x4.div(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(high)), most), 48);
  }
}
