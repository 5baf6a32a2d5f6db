/** Where the step that is timed lies: next to this module, in the sources and in the build. */
export const trainingStepUrl: URL = new URL("./training-step.js", import.meta.url);
