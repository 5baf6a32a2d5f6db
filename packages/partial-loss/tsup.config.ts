import { library } from "../../tsup.base.js";

// One import of TensorFlow.js instead of one per source file: the bundle of a browser gets smaller.
export default library({ treeshake: true });
