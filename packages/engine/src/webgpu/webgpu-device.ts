import { CslError } from "@csl/internal/errors/csl-error";

/** Features that our kernels use where the adapter has them; none is needed. */
const wanted = ["shader-f16", "subgroups", "timestamp-query"];

/** Limits that the backend's kernels reach into: as high as the adapter has them. */
const raised = [
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxBufferSize",
  "maxComputeWorkgroupSizeX",
  "maxComputeInvocationsPerWorkgroup",
] as const;

/** What an adapter says about itself, as plain data. */
export interface AdapterIdentity {
  vendor: string;
  architecture: string;
  device: string;
  description: string;
  isFallbackAdapter: boolean;
}

export function identityOf(adapter: GPUAdapter): AdapterIdentity {
  const { vendor, architecture, device, description, isFallbackAdapter = false } = infoOf(adapter);
  return { vendor, architecture, device, description, isFallbackAdapter };
}

/** What TensorFlow.js's declarations of WebGPU do not know yet. */
export function infoOf(adapter: GPUAdapter): GPUAdapterInfo & { isFallbackAdapter?: boolean } {
  return (adapter as unknown as { info: GPUAdapterInfo }).info;
}

/** A CPU that plays a GPU: Chromium's SwiftShader, Mesa's lavapipe, Windows' WARP. */
export function isSoftware({ isFallbackAdapter, ...names }: AdapterIdentity): boolean {
  return (
    isFallbackAdapter ||
    /swiftshader|llvmpipe|lavapipe|basic render driver|\bwarp\b/i.test(Object.values(names).join(" "))
  );
}

/** The adapter's name for people: "NVIDIA H200", "SwiftShader driver 5.0.0". */
export function adapterName({ vendor, architecture, device, description }: AdapterIdentity): string {
  return description || [vendor, device || architecture].filter(Boolean).join(" ") || "a GPU without a name";
}

/** The fastest adapter, if there is one. */
export function requestAdapter(gpu: GPU): Promise<GPUAdapter | null> {
  return gpu.requestAdapter({ powerPreference: "high-performance" });
}

/** A device with all that the adapter can give to the backend. */
export function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  return adapter.requestDevice({
    requiredFeatures: wanted.filter((feature) => adapter.features.has(feature)) as GPUFeatureName[],
    requiredLimits: Object.fromEntries(raised.map((limit) => [limit, adapter.limits[limit]])),
  });
}

/**
 * The first thing that went wrong on a device, in words; undefined as long as nothing did. A buffer beyond the device's limits
 * is refused at once.
 */
export function watchDevice(device: GPUDevice): () => CslError | undefined {
  let failure: CslError | undefined;
  const note = (what: string): void => {
    failure ??= new CslError("failed", `webgpu: ${what}`);
  };
  device.addEventListener("uncapturederror", (event) => {
    event.preventDefault(); // or Dawn prints it
    const { error } = event as GPUUncapturedErrorEvent;
    const isMemory = error.constructor.name === "GPUOutOfMemoryError";
    note(isMemory ? `the GPU is out of memory. ${smaller}` : `the GPU refused a command. ${error.message}`);
  });
  void device.lost.then(({ reason, message }) => {
    if (reason === "destroyed") note("the engine was stopped.");
    else note(`the GPU was lost (${message || "its driver gives no reason"}). Start the program again.`);
  });
  const most = Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize);
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    if (descriptor.size <= most) return createBuffer(descriptor);
    const [wanted, limit] = [descriptor.size, most].map((bytes) => `${Math.ceil(bytes / 2 ** 20)} MiB`);
    throw new CslError(
      "unsupported",
      `webgpu: expected tensors of at most ${limit} on this GPU, got one of ${wanted}. ${smaller}`,
    );
  };
  return () => failure;
}

const smaller = "Use a smaller batch or smaller images.";
