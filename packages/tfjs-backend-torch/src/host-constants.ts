import { CslError } from "@csl/internal/errors/csl-error";
import type { Handle } from "./binding.js";
import type { TorchBackend } from "./torch-backend.js";

/** What a step brings from host memory, sent before it is recorded: nothing can come from there meanwhile. */
export interface HostConstants {
  /** Runs `body` and notes what it sends. The latest run counts. */
  note<T>(body: () => T): T;
  /** Runs `body` with what was noted in the place of what it would send. @throws in it, where that is something else */
  give<T>(body: () => T): T;
  dispose(): void;
}

/** A tensor of one value needs no bytes on the way (binding/transfer.cc), so those are not noted. */
export function hostConstants(backend: TorchBackend): HostConstants {
  const { upload, binding } = backend;
  let noted: { bytes: Buffer; handle: Handle }[] = [];
  const dispose = (): void => {
    for (const { handle } of noted) binding.free(handle);
    noted = [];
  };
  const alias = (handle: Handle): Handle => backend.call("alias", handle) as Handle;
  function through<T>(send: TorchBackend["upload"], body: () => T): T {
    backend.upload = (values, ...rest) =>
      isOneValue(values) ? upload(values, ...rest) : send(values, ...rest);
    try {
      return body();
    } finally {
      backend.upload = upload;
    }
  }
  return {
    note(body) {
      dispose();
      return through((values, ...rest) => {
        const handle = upload(values, ...rest);
        noted.push({ bytes: Buffer.from(bytesOf(values)), handle });
        return alias(handle);
      }, body);
    },
    give(body) {
      let next = 0;
      return through((values) => {
        const constant = noted[next++];
        if (!constant?.bytes.equals(bytesOf(values)))
          throw new CslError(
            "failed",
            "it brings other numbers from host memory each time; make them inputs",
          );
        return alias(constant.handle);
      }, body);
    },
    dispose,
  };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

function isOneValue(values: ArrayBufferView): boolean {
  const numbers = values as Float32Array;
  return numbers.every((value) => Object.is(value, numbers[0]));
}
