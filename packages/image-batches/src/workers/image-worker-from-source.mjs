// Runs image-worker.ts where the package is used from source. Node 20 ignores `--import tsx` for the entry of a
// worker, so the entry is this JavaScript, which registers tsx first.
import { register } from "tsx/esm/api";

register();
await import("./image-worker.ts");
