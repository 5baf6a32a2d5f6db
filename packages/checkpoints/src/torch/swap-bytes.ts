/** Big-endian numbers of so many bytes as little-endian ones, in place. */
export function swapBytes(buffer: ArrayBuffer, size: number): ArrayBuffer {
  const bytes = Buffer.from(buffer);
  if (size === 2) bytes.swap16();
  else if (size === 4) bytes.swap32();
  else if (size === 8) bytes.swap64();
  return buffer;
}
