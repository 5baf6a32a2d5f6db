import { open } from "node:fs/promises";

/** Whether a file begins as those of `torch.save` do: a zip, or a pickle. Says nothing about the rest of it. */
export async function isTorchFile(path: string): Promise<boolean> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    if (bytesRead < 4) return false;
    return (
      buffer.toString("latin1") === "PK\x03\x04" || (buffer[0] === 0x80 && buffer[1]! >= 1 && buffer[1]! <= 5)
    );
  } finally {
    await file.close();
  }
}
