// Copies to a device that neither side waits for, and events by which one finds out that work is done.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Event.h>

namespace csl {

// A tensor of the device with these numbers of the host, which may change as soon as this returns. The bytes travel from memory
// that the device reaches by itself, beside what it computes; what it is asked for from now on waits for them.
at::Tensor uploaded(const at::Tensor& values, c10::Device device);

// Happens when the device has done what it was asked for so far.
c10::Event eventOn(c10::Device device, c10::EventFlag flag = c10::EventFlag::PYTORCH_DEFAULT);

// Not on JavaScript's thread.
void waitFor(const c10::Event& event);

}  // namespace csl
