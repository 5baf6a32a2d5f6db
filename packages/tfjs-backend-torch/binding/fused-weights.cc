#include "fused-weights.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/util/intrusive_ptr.h>

#include <algorithm>
#include <unordered_map>

#include "fused-loops.h"

namespace csl {
namespace {

// oneDNN's convolution with a filter in its own order: libtorch would reorder the filter at every use, at a price that
// exceeds the arithmetic where images are small and filters large. Absent before libtorch 2 and on some machines; on ARM
// oneDNN computes by Arm's library, which has no such orders and no activation behind a convolution.
const c10::OperatorHandle* found(const char* name) {
#ifndef __x86_64__
  return nullptr;
#endif
  auto op = c10::Dispatcher::singleton().findSchema({name, ""});
  return op ? new c10::OperatorHandle(*op) : nullptr;
}
const c10::OperatorHandle* packOperator() {
  static auto op = found("mkldnn::_reorder_convolution_weight");
  return op;
}
const c10::OperatorHandle* packedConvolution() {
  static auto op = found("mkldnn::_convolution_pointwise");
  return op;
}

template <typename To>
CSL_INLINE void transposeBlock(const float* from, char* target, int64_t rows, int64_t columns, int64_t stride,
                               int64_t begin, int64_t end) {
  auto to = reinterpret_cast<To*>(target);
  for (int64_t r = 0; r < rows; r += 16) {
    int64_t last = r + 16 < rows ? r + 16 : rows;
    for (int64_t c = begin; c < end; c++) {
      for (int64_t k = r; k < last; k++) store(to[c * stride + k], from[k * columns + c]);
    }
  }
}
CSL_BOTH_TYPES(transposeBlock,
               (const float* from, char* to, int64_t rows, int64_t columns, int64_t stride, int64_t begin, int64_t end),
               (from, to, rows, columns, stride, begin, end))

}  // namespace

at::Tensor outFirst(const at::Tensor& filter, at::ScalarType type) {
  int64_t area = filter.size(0) * filter.size(1), inputs = filter.size(2), outputs = filter.size(3);
  if (!filter.is_cpu() || (type != at::kFloat && type != at::kBFloat16)) {
    return filter.permute({3, 0, 1, 2}).to(type).contiguous();
  }
  auto result = at::empty({outputs, filter.size(0), filter.size(1), inputs}, filter.options().dtype(type));
  constexpr int64_t block = 64;
  int64_t blocks = (outputs + block - 1) / block;
  at::parallel_for(0, area * blocks, std::max<int64_t>(1, 16384 / (inputs * block)), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      int64_t tap = i / blocks, first = i % blocks * block;
      CSL_DISPATCH(type, transposeBlock,
                   (filter.data_ptr<float>() + tap * inputs * outputs, into(result, tap * inputs), inputs, outputs,
                    area * inputs, first, std::min(outputs, first + block)));
    }
  });
  return result;
}

namespace {

Prepared prepare(const at::Tensor& filter, const at::Tensor& input, const ConvGeometry& geometry, bool transposed) {
  auto type = input.scalar_type();
  // Turned about, [height, width, in, out] read as [out', in'] = [in, out] needs no transposition.
  auto weight = transposed ? filter.to(type).flip({0, 1}).permute({2, 3, 0, 1})
                           : outFirst(filter, type).permute({0, 3, 1, 2});
  if (!input.is_cpu() || !packOperator() || !packedConvolution()) {
    return {weight.contiguous(at::MemoryFormat::ChannelsLast), false};
  }
  torch::jit::Stack stack{weight, geometry.padding, geometry.stride, geometry.dilation, int64_t{1},
                          input.sizes().vec()};
  packOperator()->callBoxed(&stack);
  return {stack[0].toTensor(), true};
}

// What was prepared of a filter, for as long as the filter lives. A filter of training is new after every update and
// used once, so only its name is kept at first: from the second use on, as in inference, the prepared form is.
struct Memory {
  c10::weak_intrusive_ptr<at::TensorImpl> filter;
  std::vector<int64_t> input;
  at::ScalarType type;
  Prepared prepared;
};

std::unordered_map<at::TensorImpl*, Memory>& memories() {
  static std::unordered_map<at::TensorImpl*, Memory> map;
  return map;
}

// Looks through all of them once a quarter more are there than lived last time: what was prepared of dropped filters stays
// below a third of the whole or 32 filters, for a few steps of the loop per new filter.
void forgetDropped() {
  static size_t due = 32;
  auto& map = memories();
  if (map.size() < due) return;
  for (auto it = map.begin(); it != map.end();) it = it->second.filter.expired() ? map.erase(it) : std::next(it);
  due = map.size() + std::max<size_t>(32, map.size() / 4);
}

}  // namespace

Prepared prepareFilter(const at::Tensor& filter, const at::Tensor& input, const ConvGeometry& geometry,
                       bool transposed) {
  if (transposed) return prepare(filter, input, geometry, true);
  auto& map = memories();
  auto known = map.find(filter.unsafeGetTensorImpl());
  bool same = known != map.end() && !known->second.filter.expired();
  if (!same) {
    // An expired entry of this address may hold a prepared filter: it goes now.
    forgetDropped();
    map.erase(filter.unsafeGetTensorImpl());
    map.emplace(filter.unsafeGetTensorImpl(),
                Memory{c10::weak_intrusive_ptr<at::TensorImpl>(filter.getIntrusivePtr()), input.sizes().vec(),
                       input.scalar_type(), {}});
    return prepare(filter, input, geometry, false);
  }
  auto& memory = known->second;
  bool fits = memory.prepared.weight.defined() && memory.type == input.scalar_type() &&
              (!memory.prepared.packed || input.sizes() == memory.input);
  if (!fits) memory = {memory.filter, input.sizes().vec(), input.scalar_type(), prepare(filter, input, geometry, false)};
  return memory.prepared;
}

at::Tensor convolve(const at::Tensor& input, const Prepared& filter, const at::Tensor& bias,
                    const ConvGeometry& geometry, double slope) {
  const auto& [stride, padding, dilation] = geometry;
  if (!filter.packed) {
    auto y = at::convolution(input, filter.weight, bias.defined() ? c10::optional<at::Tensor>(bias) : c10::nullopt,
                             stride, padding, dilation, false, {0, 0}, 1);
    if (slope == 0) return y.relu_();
    return slope == 1 ? y : at::leaky_relu_(y, slope);
  }
  c10::List<c10::optional<at::Scalar>> scalars;
  bool leaky = slope != 1 && slope != 0;
  if (leaky) scalars.push_back(at::Scalar(slope));
  torch::jit::Stack stack{input,
                          filter.weight,
                          bias.defined() ? c10::IValue(bias) : c10::IValue(),
                          padding,
                          stride,
                          dilation,
                          int64_t{1},
                          std::string(slope == 1 ? "none" : leaky ? "leaky_relu" : "relu"),
                          scalars,
                          std::string("")};
  packedConvolution()->callBoxed(&stack);
  return stack[0].toTensor();
}

}  // namespace csl
