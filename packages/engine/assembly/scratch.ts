// Every thread has its own instance of this module, hence its own copy of this variable.
let scratch: usize = 0;

// Where this thread may write; its size is SCRATCH_BYTES.
export function setScratch(address: usize): void {
  scratch = address;
}

// @ts-expect-error: decorator
export function scratchAddress(): usize {
  return scratch;
}
