// Tensors are known to JavaScript by a number. The table owns them; JavaScript says when one may go.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace csl {

using Handle = uint32_t;

// Slot 0 stays empty: the handle 0 means "no tensor".
class HandleTable {
 public:
  Handle put(at::Tensor tensor) {
    live_++;
    if (free_.empty()) {
      slots_.push_back(std::move(tensor));
      return static_cast<Handle>(slots_.size() - 1);
    }
    Handle handle = free_.back();
    free_.pop_back();
    slots_[handle] = std::move(tensor);
    return handle;
  }

  at::Tensor& get(Handle handle) {
    if (handle == 0 || handle >= slots_.size() || !slots_[handle].defined()) {
      throw std::runtime_error("torch: handle " + std::to_string(handle) + " is no live tensor; it was freed before");
    }
    return slots_[handle];
  }

  void drop(Handle handle) {
    get(handle).reset();
    free_.push_back(handle);
    live_--;
  }

  size_t live() const { return live_; }

 private:
  std::vector<at::Tensor> slots_{1};
  std::vector<Handle> free_;
  size_t live_ = 0;
};

inline HandleTable& handles() {
  static HandleTable table;
  return table;
}

}  // namespace csl
