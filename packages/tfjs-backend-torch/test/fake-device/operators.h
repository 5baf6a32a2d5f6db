// Operators: computed by libtorch's own kernels for the CPU on the device's memory, after the checks that CUDA makes.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/library.h>

#include <array>
#include <string>
#include <vector>

#include "allocators.h"

namespace fake {

using Values = std::vector<c10::IValue>;

inline bool onDevice(const at::Tensor& t) { return t.defined() && t.device().type() == c10::DeviceType::PrivateUse1; }

// The same memory as a tensor of the host, for the device's own work.
inline at::Tensor opened(const at::Tensor& t) {
  if (!onDevice(t)) return t;
  auto options = t.options().device(at::kCPU);
  if (t.numel() == 0) return at::empty(t.sizes(), options);
  return at::from_blob(Memory::one().open(t.data_ptr()), t.sizes(), t.strides(), options);
}

// Something that makes the host wait for the device, or copies between the two; a recording allows neither.
inline void hostWaits(const std::string& what, bool waits = true) {
  if (capture().recording) {
    capture().spoilt = true;
    TORCH_CHECK(false, "operation not permitted when stream is capturing (", what, ")");
  }
  if (!waits) return;
  counts().syncs++;
  counts().waits[what]++;
}

template <typename See>
void eachTensor(const c10::IValue& value, See see) {
  if (value.isTensor()) {
    if (value.toTensor().defined()) see(value.toTensor());
  } else if (value.isList()) {
    for (const c10::IValue& one : value.toListRef()) eachTensor(one, see);
  }
}

// Operators that wait for the device: their result, or its size, is known to the host.
inline bool waits(const std::string& name, const Values& given) {
  for (const char* one : {"aten::nonzero", "aten::masked_select", "aten::_unique2", "aten::unique_dim", "aten::equal",
                          "aten::repeat_interleave", "aten::bincount", "aten::is_nonzero", "aten::unique_consecutive"})
    if (name == one) return true;
  if (name != "aten::index" && name != "aten::_index_put_impl_" && name != "aten::index_put_") return false;
  bool mask = false;
  eachTensor(given[1], [&](const at::Tensor& t) { mask |= t.scalar_type() == at::kBool || t.scalar_type() == at::kByte; });
  return mask;
}

inline bool multipliesMatrices(const std::string& name) {
  for (const char* one : {"aten::mm", "aten::bmm", "aten::addmm", "aten::baddbmm", "aten::addmv", "aten::dot",
                          "aten::convolution_overrideable"})
    if (name == one) return true;
  return false;
}

// What CUDA refuses, and what no luck may hide.
inline void check(const std::string& name, const Values& given) {
  bool host = false, device = false;
  c10::optional<at::ScalarType> type;
  for (const auto& value : given) {
    eachTensor(value, [&](const at::Tensor& t) {
      if (!onDevice(t)) {
        host |= t.dim() > 0;
        return;
      }
      device = true;
      if (t.numel() > 0) Streams::one().expectReady(currentStream, t.data_ptr());
      if (!multipliesMatrices(name)) return;
      TORCH_CHECK(at::isFloatingType(t.scalar_type()) || at::isComplexType(t.scalar_type()), "\"", name,
                  "\" not implemented for '", t.scalar_type(), "'");
      TORCH_CHECK(!type || *type == t.scalar_type(), name, ": expected all tensors to have one type");
      type = t.scalar_type();
    });
  }
  TORCH_CHECK(!(host && device), name, ": expected all tensors to be on the same device");
  if (waits(name, given)) hostWaits(name);
}

// One operator: how it is computed, and where its results go.
class Call {
 public:
  Call(const c10::OperatorHandle& op, Values given) : op_(op), given_(std::move(given)) {
    const auto& arguments = op.schema().arguments();
    for (size_t i = 0; i < arguments.size(); i++)
      writes_.push_back(arguments[i].alias_info() && arguments[i].alias_info()->isWrite());
    for (size_t i = 0; i < given_.size(); i++) {
      bool grows = false;
      if (writes_[i]) eachTensor(given_[i], [&](const at::Tensor& t) { grows |= onDevice(t) && t.numel() == 0; });
      grows_.push_back(grows);
    }
  }

  // Computes on the device's memory. The results' tensors are the host's, or open forms of the device's memory.
  Values compute() {
    try {
      return computeIn(false);
    } catch (const c10::Error&) {
      // Types that a device has and the host's kernel lacks.
      if (!reduced()) throw;
    }
    return computeIn(true);
  }

  // The device's tensors for what `compute` gave.
  Values place(const Values& computed) {
    grown_.clear();
    for (size_t i = 0; i < given_.size(); i++) {
      if (!grows_[i] || !given_[i].isTensor()) continue;
      auto from = opened_[i].toTensor(), to = given_[i].toTensor();
      if (from.numel() == 0) continue;
      to.resize_(from.sizes());
      opened(to).copy_(from);
      fresh_ = true;
    }
    Values results;
    for (const auto& value : computed) results.push_back(placed(value));
    return results;
  }

  // The same again, into the tensors that `place` gave: a replay.
  void repeat(const Values& results) {
    auto computed = compute();
    for (size_t i = 0; i < given_.size(); i++)
      if (grows_[i] && given_[i].isTensor()) opened(given_[i].toTensor()).copy_(opened_[i].toTensor());
    for (size_t i = 0; i < computed.size(); i++) copyInto(results[i], computed[i]);
  }

  bool writesAnything() const {
    for (bool writes : writes_)
      if (writes) return true;
    return fresh_;
  }

  template <typename See>
  void eachWritten(See see) const {
    for (size_t i = 0; i < given_.size(); i++)
      if (writes_[i]) eachTensor(given_[i], [&](const at::Tensor& t) { if (onDevice(t)) see(t); });
  }

 private:
  bool reduced() const {
    bool any = false;
    for (const auto& value : given_) eachTensor(value, [&](const at::Tensor& t) { any |= t.scalar_type() == at::kBFloat16; });
    return any;
  }

  c10::IValue open(const c10::IValue& value, bool grows, bool wide) {
    if (value.isTensor()) {
      const auto& t = value.toTensor();
      if (!t.defined()) return value;
      auto host = grows ? at::empty({0}, t.options().device(at::kCPU)) : opened(t);
      return wide && t.scalar_type() == at::kBFloat16 ? host.to(at::kFloat) : host;
    }
    if (value.isDevice()) return c10::Device(c10::kCPU);
    if (value.isTensorList()) {
      c10::List<at::Tensor> list;
      for (const auto& one : value.toTensorVector()) list.push_back(open(one, false, wide).toTensor());
      return list;
    }
    if (!value.isList()) return value;
    auto list = value.toList();
    c10::impl::GenericList out(list.elementType());
    for (const c10::IValue& one : value.toListRef()) out.push_back(open(one, false, wide));
    return out;
  }

  Values computeIn(bool wide) {
    opened_.clear();
    for (size_t i = 0; i < given_.size(); i++) opened_.push_back(open(given_[i], grows_[i], wide));
    torch::jit::Stack stack = opened_;
    auto name = op_.schema().name();
    auto op = op_;
    // What convolutions are called before they come to a device; backward without the sizes of a bias.
    if (name == "aten::convolution_overrideable") op = *c10::Dispatcher::singleton().findSchema({"aten::convolution", ""});
    if (name == "aten::convolution_backward_overrideable") {
      op = *c10::Dispatcher::singleton().findSchema({"aten::convolution_backward", ""});
      stack.insert(stack.begin() + 3, c10::IValue());
    }
    op.callBoxed(&stack);
    if (wide) narrow(stack);
    return {stack.begin(), stack.end()};
  }

  // Back to bfloat16 after a computation in float32.
  void narrow(torch::jit::Stack& stack) {
    for (size_t i = 0; i < given_.size(); i++)
      if (writes_[i] && given_[i].isTensor() && !grows_[i]) opened(given_[i].toTensor()).copy_(opened_[i].toTensor());
    for (auto& value : stack)
      if (value.isTensor() && value.toTensor().defined() && value.toTensor().scalar_type() == at::kFloat)
        value = value.toTensor().to(at::kBFloat16);
  }

  c10::IValue placed(const c10::IValue& value) {
    if (value.isTensorList()) {
      c10::List<at::Tensor> list;
      for (const auto& one : value.toTensorVector()) list.push_back(placed(one).toTensor());
      return list;
    }
    if (!value.isTensor() || !value.toTensor().defined()) return value;
    const auto& host = value.toTensor();
    for (size_t i = 0; i < given_.size(); i++)
      if (writes_[i] && opened_[i].isTensor() && opened_[i].toTensor().is_same(host)) return given_[i];
    if (host.numel() > 0 && Memory::one().isOpen(host.data_ptr())) return viewOf(host);
    fresh_ = true;
    auto options = host.options().device(device());
    auto out = host.is_non_overlapping_and_dense() ? at::empty_strided(host.sizes(), host.strides(), options)
                                                   : at::empty(host.sizes(), options);
    opened(out).copy_(host);
    return out;
  }

  // A result that lies in memory of an argument.
  at::Tensor viewOf(const at::Tensor& host) {
    at::Tensor base;
    for (const auto& value : given_)
      eachTensor(value, [&](const at::Tensor& t) {
        if (!onDevice(t)) return;
        auto distance = Memory::one().distance(host.data_ptr(), t.storage().data_ptr().get());
        if (distance >= 0 && distance < static_cast<int64_t>(t.storage().nbytes())) base = t;
      });
    TORCH_CHECK(base.defined(), "fake device: a view of no argument");
    auto bytes = Memory::one().distance(host.data_ptr(), base.storage().data_ptr().get());
    auto typed = host.scalar_type() == base.scalar_type() ? base : retyped(base, host.scalar_type());
    return typed.as_strided(host.sizes(), host.strides(), bytes / host.element_size());
  }

  static at::Tensor retyped(const at::Tensor& base, at::ScalarType type) {
    auto out = at::detail::make_tensor<c10::TensorImpl>(c10::Storage(base.storage()), c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                                        c10::scalarTypeToTypeMeta(type));
    out.unsafeGetTensorImpl()->set_sizes_contiguous({0});
    return out;
  }

  static void copyInto(const c10::IValue& result, const c10::IValue& computed) {
    if (result.isTensorList()) {
      auto to = result.toTensorVector(), from = computed.toTensorVector();
      for (size_t i = 0; i < to.size(); i++) copyInto(to[i], from[i]);
    } else if (result.isTensor() && result.toTensor().defined() && result.toTensor().numel() > 0) {
      auto to = opened(result.toTensor());
      if (to.data_ptr() != computed.toTensor().data_ptr()) to.copy_(computed.toTensor());
    }
  }

  c10::OperatorHandle op_;
  Values given_, opened_;
  std::vector<bool> writes_, grows_;
  std::vector<size_t> grown_;
  bool fresh_ = false;
};

}  // namespace fake
