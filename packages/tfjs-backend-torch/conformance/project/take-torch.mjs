// Setup of the project's tests on torch: the backends that they ask for by name are turned into torch.

import { registerKernels } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs";
import { startTorch } from "../../src/start-torch.js";
import { prepareTestDevice, startedDevice } from "../../test/test-device.js";

await prepareTestDevice();
await startTorch({ device: startedDevice, threads: Number(process.env.CSL_THREADS ?? 1) });
await tf.setBackend("torch");
registerKernels("torch"); // tests name the backend that they ask for

const asked = new Set(["cpu", "wasm"]);
const engine = tf.engine();
const setBackend = engine.setBackend.bind(engine);
engine.setBackend = (name) => setBackend(asked.has(name) ? "torch" : name);
