// Runs shrink-worker.ts where the package is used from source, see image-worker-from-source.mjs.
import { register } from "tsx/esm/api";

register();
await import("./shrink-worker.ts");
