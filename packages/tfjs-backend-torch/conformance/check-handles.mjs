// A kernel that hands out a tensor of another shape, type or layout than it says is a bug that may pass unseen: a reshape
// heals one, a copy another. While the suite runs, every tensor is looked at when TensorFlow.js takes it over.

/** Makes the backend's class throw where a kernel's output is not what the kernel says. */
export function checkHandles(TorchBackend) {
  const adopt = TorchBackend.prototype.adopt;
  const scalarTypes = { float32: 6, int32: 3, bool: 11 };
  TorchBackend.prototype.adopt = function (handle, shape, dtype) {
    const is = this.binding.describe(handle);
    const said = { shape: [...shape], scalarType: scalarTypes[dtype], contiguous: true };
    for (const [what, value] of Object.entries(said)) {
      if (String(is[what]) !== String(value))
        throw new Error(`check-handles: a kernel says ${what} ${value}, its tensor ${is[what]}`);
    }
    return adopt.call(this, handle, shape, dtype);
  };
}
