import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import type { BrowserDriver } from "./browser-driver.js";

/** TensorFlow.js's webgl backend, which @tensorflow/tfjs brings. */
export const startWebgl: BrowserDriver = async ({ byName }) => {
  const name = rendererName();
  if (!byName && /swiftshader|llvmpipe|softpipe|basic render/i.test(name))
    throw new CslError(
      "unsupported",
      `WebGL has only a software renderer, ${name}, which is slower than wasm`,
    );
  if (!(await tf.setBackend("webgl"))) throw new CslError("failed", "its backend did not start");
  return { device: `${name} (WebGL)` };
};

function rendererName(): string {
  const canvas =
    typeof OffscreenCanvas === "undefined" ? document.createElement("canvas") : new OffscreenCanvas(1, 1);
  const gl = canvas.getContext("webgl2") as WebGL2RenderingContext | null;
  if (!gl) throw new CslError("unsupported", "this browser has no WebGL 2");
  const names = gl.getExtension("WEBGL_debug_renderer_info");
  const name = names ? (gl.getParameter(names.UNMASKED_RENDERER_WEBGL) as string) : "a GPU without a name";
  gl.getExtension("WEBGL_lose_context")?.loseContext(); // a page may have few contexts
  return name;
}
