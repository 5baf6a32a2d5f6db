#include "pointwise-gradient.h"

#include <algorithm>

#include "machine-features.h"
#include "pair-products.h"

namespace csl {

#ifdef CSL_WINOGRAD

namespace {

using winograd::Layout;

CSL_STEP __m512i widened(const Bf16* x) {
  return _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(x)));
}

// Channels [from, to) of `count` pairs of pixels, from pixel `first` on, as words; what lies beyond the last pixel is 0.
CSL_WIDE void pack(const Bf16* x, int64_t pixels, int64_t channels, int64_t from, int64_t to, int64_t first,
                   int64_t count, Word* out, const Layout& layout) {
  for (int64_t pair = 0; pair < count; pair++) {
    const Bf16* here = x + (first + 2 * pair) * channels;
    bool whole = first + 2 * pair + 1 < pixels;
    for (int64_t c = from; c < to; c += winograd::chunk) {
      __m512i next = whole ? _mm512_slli_epi32(widened(here + channels + c), 16) : _mm512_setzero_si512();
      _mm512_storeu_si512(out + layout.at(pair, c - from), _mm512_or_si512(widened(here + c), next));
    }
  }
}

}  // namespace

bool fitsPointwiseGradient(const at::Tensor& x, const at::Tensor& dy) {
  return x.is_cpu() && x.scalar_type() == at::kBFloat16 && bestAtHalves() && x.size(3) % winograd::chunk == 0 &&
         dy.size(3) % winograd::panel == 0;
}

at::Tensor pointwiseGradient(const at::Tensor& x, const at::Tensor& dy) {
  constexpr int64_t block = pairs::block;
  int64_t inputs = x.size(3), outputs = dy.size(3), pixels = x.numel() / inputs;
  auto dw = at::empty({1, 1, inputs, outputs}, x.options().dtype(at::kFloat));
  auto* from = static_cast<const Bf16*>(x.data_ptr());
  auto* upstream = static_cast<const Bf16*>(dy.data_ptr());
  auto* out = dw.data_ptr<float>();
  // Every thread takes a part of the larger side and goes by the pixels on its own: what it packs stays in its second cache.
  bool byInputs = inputs >= outputs;
  int64_t unit = byInputs ? winograd::chunk : winograd::panel, units = (byInputs ? inputs : outputs) / unit;
  int64_t threads = at::get_num_threads();
  at::parallel_for(0, units, (units + threads - 1) / threads, [&](int64_t begin, int64_t end) {
    int64_t firstIn = byInputs ? begin * unit : 0, lastIn = byInputs ? end * unit : inputs;
    int64_t firstOut = byInputs ? 0 : begin * unit, lastOut = byInputs ? outputs : end * unit;
    Layout left{block, lastIn - firstIn, block}, right{block, lastOut - firstOut, block};
    auto scratch = at::empty({left.stride() + right.stride()}, at::kInt);
    auto* v = reinterpret_cast<Word*>(scratch.data_ptr<int>());
    Word* d = v + left.stride();
    for (int64_t pixel = 0; pixel < pixels; pixel += 2 * block) {
      int64_t count = std::min(block, (pixels - pixel + 1) / 2);
      pack(from, pixels, inputs, firstIn, lastIn, pixel, count, v, left);
      pack(upstream, pixels, outputs, firstOut, lastOut, pixel, count, d, right);
      pairs::product(v, left, d, right, count, out + firstIn * outputs + firstOut, outputs, pixel == 0);
    }
  });
  return dw;
}

#else

bool fitsPointwiseGradient(const at::Tensor&, const at::Tensor&) { return false; }
at::Tensor pointwiseGradient(const at::Tensor&, const at::Tensor&) { return {}; }

#endif

}  // namespace csl
