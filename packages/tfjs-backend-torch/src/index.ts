export { type BuildOptions, buildBinding } from "./build-binding.js";
export { findLibtorch, type Libtorch, type LibtorchSearch } from "./find-libtorch.js";
export { probeTorch, startTorch, type TorchOptions } from "./start-torch.js";
export { TorchBackend } from "./torch-backend.js";
