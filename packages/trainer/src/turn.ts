/**
 * Lets the event loop turn once. Backends that compute in JavaScript or wasm resolve their promises without ever
 * leaving the microtask queue: without this, Ctrl-C and the messages of decoding workers would wait for the end.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
