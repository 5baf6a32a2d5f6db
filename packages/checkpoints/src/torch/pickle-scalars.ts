import { PickleError } from "./pickle-error.js";

/** No checkpoint has a longer integer, and a damaged length must not cost time. */
const LONGEST = 1024; // bytes

/** A little-endian integer in two's complement. A number where that is exact. */
export function parseLong(bytes: Buffer): number | bigint {
  if (bytes.length > LONGEST) throw new PickleError(`an integer of ${bytes.length} bytes`);
  if (bytes.length === 0) return 0;
  const digits = Buffer.from(bytes).reverse().toString("hex");
  return plain(BigInt.asIntN(8 * bytes.length, BigInt(`0x${digits}`)));
}

/** An integer as protocol 0 writes it; "00" and "01" are booleans. */
export function parseDecimal(written: string): number | bigint | boolean {
  if (written === "00" || written === "01") return written === "01";
  if (!/^-?\d{1,2466}L?$/.test(written))
    throw new PickleError(`the number ${JSON.stringify(written.slice(0, 40))}`);
  return plain(BigInt(written.replace("L", "")));
}

function plain(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** Python's raw-unicode-escape: Latin-1, everything else as \u or \U and digits. */
export function rawUnicode(written: string): string {
  return written.replace(/\\(?:u([0-9a-f]{4})|U([0-9a-f]{8}))/gi, (_, short?: string, long?: string) =>
    String.fromCodePoint(Number.parseInt(short ?? long!, 16)),
  );
}
