import { CslError } from "@csl/internal/errors/csl-error";

/** A field of a message of Protocol Buffers. */
interface Field {
  field: number;
  /** Of a text, bytes or an inner message; undefined for numbers. */
  bytes?: Uint8Array;
}

const VARINT = 0;
const EIGHT_BYTES = 1;
const LENGTH = 2;
const FOUR_BYTES = 5;

/**
 * The fields of a message, without a look into inner ones: a model of 100 MB costs no more than a few steps. A reader of whole messages
 * (`@bufbuild/protobuf/wire`) would add a third to the bundle.
 *
 * @throws CslError `invalid-file` when the bytes are no message.
 */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 63; scale *= 128) {
      const byte = message[at++];
      if (byte === undefined) break;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw damaged("expected a number, got the end");
  };
  while (at < message.length) {
    const tag = number();
    const field = Math.floor(tag / 8);
    const kind = tag % 8;
    let bytes: Uint8Array | undefined;
    if (kind === VARINT) number();
    else if (kind === EIGHT_BYTES) at += 8;
    else if (kind === FOUR_BYTES) at += 4;
    else if (kind === LENGTH && field > 0) {
      const length = number();
      bytes = message.subarray(at, at + length);
      at += length;
    } else throw damaged(`expected a field, got one of kind ${kind}`);
    if (at > message.length) throw damaged("expected a whole field, got a part");
    yield bytes ? { field, bytes } : { field };
  }
}

/** A field's text. */
export function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && new TextDecoder().decode(bytes);
}

function damaged(why: string): CslError {
  return new CslError("invalid-file", `a message of Protocol Buffers: ${why}.`);
}
