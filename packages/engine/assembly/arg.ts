// The index-th argument of a job: a number of 4 bytes, an address or an integer.
// @ts-expect-error: decorator
export function arg(args: usize, index: i32): i32 {
  return load<i32>(args + (index << 2));
}

// @ts-expect-error: decorator
export function floatArg(args: usize, index: i32): f32 {
  return load<f32>(args + (index << 2));
}
