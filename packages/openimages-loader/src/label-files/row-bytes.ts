import { LabelSource } from "./label-mark.js";

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const COMMA = 44;
const POINT = 46;
const COMMAS = 0x2c2c2c2c;

const int32 = (text: string): number => Buffer.from(text, "latin1").readInt32LE(0);
const [VERI, FICA, TION] = [int32("veri"), int32("fica"), int32("tion")];
const [CROW, DSOU, RCE] = [int32("crow"), int32("dsou"), int32("rce-")];
const [MACH, INE] = [int32("mach"), int32("ine,")];

/** The value of a hexadecimal digit, either case; 256 for any other byte. */
const DIGITS: Uint16Array = new Uint16Array(256).fill(256);
for (let value = 0; value < 16; value++) {
  DIGITS[value.toString(16).charCodeAt(0)] = value;
  DIGITS[value.toString(16).toUpperCase().charCodeAt(0)] = value;
}

/**
 * One label row out of its bytes, four at a time and without a string. It knows the form that OpenImages writes,
 *
 *     000026e7ee790996,verification,/m/04hgtk,0
 *
 * and says no to everything else (quotes, paths, unknown sources, exponents, other columns): `parseLabelRow` is for that.
 */
export class RowBytes {
  /** How far `read` may look from where a row begins: id, source, class and confidence at their longest. */
  static readonly reach = 128;

  upper = -1;
  lower = -1;
  source: LabelSource = LabelSource.Machine;
  /** The class id's bytes, at most 15, zero behind the end. */
  w0 = 0;
  w1 = 0;
  w2 = 0;
  w3 = 0;
  confidence = 0;
  /** Behind the row's newline. */
  end = 0;
  // The last id as it was written: most rows repeat it.
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  /** @param view the same bytes as `block`; `reach` of them from `at` on. Without success, only the id is of use. */
  read(block: Uint8Array, view: DataView, at: number): boolean {
    return block[at + 16] === COMMA && this.#readId(block, view, at) && this.#readRest(block, view, at + 17);
  }

  #readId(block: Uint8Array, view: DataView, at: number): boolean {
    const a = view.getInt32(at, true);
    const b = view.getInt32(at + 4, true);
    const c = view.getInt32(at + 8, true);
    const d = view.getInt32(at + 12, true);
    if (d === this.#d && c === this.#c && b === this.#b && a === this.#a) return true;
    const upper = eightDigits(block, at);
    const lower = eightDigits(block, at + 8);
    if (upper < 0 || lower < 0) return false;
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
    this.upper = upper;
    this.lower = lower;
    return true;
  }

  #readRest(block: Uint8Array, view: DataView, from: number): boolean {
    let at = from;
    const source = view.getInt32(at, true);
    if (source === VERI) {
      if (view.getInt32(at + 4, true) !== FICA || view.getInt32(at + 8, true) !== TION) return false;
      this.source = LabelSource.Verification;
      at += 12;
    } else if (source === CROW) {
      if (view.getInt32(at + 4, true) !== DSOU || view.getInt32(at + 8, true) !== RCE) return false;
      if (view.getInt32(at + 12, true) !== VERI || view.getInt32(at + 16, true) !== FICA) return false;
      if (view.getInt32(at + 20, true) !== TION) return false;
      this.source = LabelSource.Crowdsource;
      at += 24;
    } else if (source === MACH && view.getInt32(at + 4, true) === INE) {
      this.source = LabelSource.Machine;
      at += 7;
    } else return false;
    if (block[at] !== COMMA || block[at + 1] !== 0x2f) return false; // ",/": class ids begin with a slash
    at = this.#readClass(view, at + 1);
    return at > 0 && this.#readConfidence(block, at);
  }

  /** Where the class id's comma is; 0 when it is longer than 15 bytes. */
  #readClass(view: DataView, at: number): number {
    this.w1 = this.w2 = this.w3 = 0;
    this.w0 = view.getInt32(at, true);
    let bits = bitsBeforeComma(this.w0);
    if (bits < 32) {
      this.w0 &= (1 << bits) - 1;
      return at + (bits >> 3);
    }
    this.w1 = view.getInt32(at + 4, true);
    bits = bitsBeforeComma(this.w1);
    if (bits < 32) {
      this.w1 &= (1 << bits) - 1;
      return at + 4 + (bits >> 3);
    }
    this.w2 = view.getInt32(at + 8, true);
    bits = bitsBeforeComma(this.w2);
    if (bits < 32) {
      this.w2 &= (1 << bits) - 1;
      return at + 8 + (bits >> 3);
    }
    this.w3 = view.getInt32(at + 12, true);
    bits = bitsBeforeComma(this.w3);
    this.w3 &= (1 << bits) - 1;
    return bits < 32 ? at + 12 + (bits >> 3) : 0;
  }

  /** `0`, `1` or a decimal fraction up to the newline. People give 0 or 1 only. */
  #readConfidence(block: Uint8Array, comma: number): boolean {
    let at = comma + 1;
    let confidence = block[at++]! - 48;
    if (!(confidence === 0 || confidence === 1)) return false;
    if (block[at] === POINT) {
      let scale = 1;
      for (at++; scale < 1e6; at++) {
        const digit = block[at]! - 48;
        if (!(digit >= 0 && digit <= 9)) break;
        confidence = confidence * 10 + digit;
        scale *= 10;
      }
      confidence /= scale;
    }
    if (block[at] === CARRIAGE_RETURN) at++;
    this.confidence = confidence;
    this.end = at + 1;
    return (
      block[at] === NEWLINE &&
      (confidence === 0 || confidence === 1 || (confidence < 1 && this.source === LabelSource.Machine))
    );
  }
}

/** Bits of a little-endian word before its first comma; 32 without one. */
function bitsBeforeComma(word: number): number {
  // A byte that is zero after the XOR sets its top bit by the subtraction; the lowest such is never a false one.
  const x = word ^ COMMAS;
  const found = (x - 0x01010101) & ~x & 0x80808080;
  return found === 0 ? 32 : 24 - Math.clz32(found & -found);
}

/** Eight hexadecimal digits from `at` on as a number; negative when they are none. */
function eightDigits(block: Uint8Array, at: number): number {
  const d0 = DIGITS[block[at]!]!;
  const d1 = DIGITS[block[at + 1]!]!;
  const d2 = DIGITS[block[at + 2]!]!;
  const d3 = DIGITS[block[at + 3]!]!;
  const d4 = DIGITS[block[at + 4]!]!;
  const d5 = DIGITS[block[at + 5]!]!;
  const d6 = DIGITS[block[at + 6]!]!;
  const d7 = DIGITS[block[at + 7]!]!;
  if ((d0 | d1 | d2 | d3 | d4 | d5 | d6 | d7) >= 256) return -1;
  return ((d0 << 28) | (d1 << 24) | (d2 << 20) | (d3 << 16) | (d4 << 12) | (d5 << 8) | (d6 << 4) | d7) >>> 0;
}
