#include "fused-filter-gradient.h"

#include "fused-loops.h"
#include "machine-features.h"
#include "team.h"

#ifdef CSL_AVX512
#include <immintrin.h>
#endif

// dw[ky, kx, i, o] = Σ x[pixel + (ky, kx), i] · dy[pixel, o]: a product of matrices whose long side is the pixels. TensorFlow.js's
// order of the filter is the product's own, and tiles of 8 in- by 32 out-channels stay in registers while the pixels pass:
// nothing is transposed. oneDNN turns its result about twice and reaches about half the speed of its forward pass here.
namespace csl {
namespace {

constexpr int64_t tileIn = 8;
constexpr int64_t tileOut = 32;

#ifdef CSL_AVX512

// A block of the work: output rows of some images, and what of x they look at, laid out so that a tile's loop reads
// both one after the other. Numbers are 32 bits wide: a float32, or two bfloat16 of neighbouring pixels in a row, which
// the machine multiplies and adds at once.
struct Block {
  int64_t images, rows;                  // rows of dy per image
  int64_t inRows, inWidth, outWidth;       // of the packed x and dy; outWidth in steps (pixels, or pairs of them)
  int64_t stepX, rowX;                     // numbers from one step to the next in a panel of x, and from row to row
};

#define CSL_WIDE __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,fma")))

struct Single {
  using Value = float;
  static constexpr int64_t pixels = 1;
  CSL_WIDE static CSL_INLINE __m512 add(__m512 sum, __m512 dy, const uint32_t* x) {
    return _mm512_fmadd_ps(_mm512_set1_ps(std::bit_cast<float>(*x)), dy, sum);
  }
};
struct Pairs {
  using Value = Bf16;
  static constexpr int64_t pixels = 2;
  CSL_WIDE static CSL_INLINE __m512 add(__m512 sum, __m512 dy, const uint32_t* x) {
    __m512i both = _mm512_set1_epi32(static_cast<int>(*x));
    CSL_HIDE_BROADCAST(both);
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh&>(both), reinterpret_cast<__m512bh&>(dy));
  }
};

// One tile of one tap over a block; `dw` has `outputs` numbers per in-channel.
template <typename Kind>
CSL_WIDE void tile(const uint32_t* x, const uint32_t* dy, float* dw, int64_t outputs, const Block& block, bool fresh) {
  __m512 sum[tileIn][2];
#pragma GCC unroll 8
  for (int i = 0; i < tileIn; i++) {
    sum[i][0] = fresh ? _mm512_setzero_ps() : _mm512_loadu_ps(dw + i * outputs);
    sum[i][1] = fresh ? _mm512_setzero_ps() : _mm512_loadu_ps(dw + i * outputs + 16);
  }
  for (int64_t image = 0; image < block.images; image++) {
    const uint32_t* row = x + image * block.inRows * block.inWidth * tileIn;
    for (int64_t r = 0; r < block.rows; r++, row += block.rowX) {
      const uint32_t* at = row;
      for (int64_t j = 0; j < block.outWidth; j++, at += block.stepX, dy += tileOut) {
        __m512 left = _mm512_loadu_ps(dy);
        __m512 right = _mm512_loadu_ps(dy + 16);
#pragma GCC unroll 8
        for (int i = 0; i < tileIn; i++) {
          sum[i][0] = Kind::add(sum[i][0], left, at + i);
          sum[i][1] = Kind::add(sum[i][1], right, at + i);
        }
      }
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < tileIn; i++) {
    _mm512_storeu_ps(dw + i * outputs, sum[i][0]);
    _mm512_storeu_ps(dw + i * outputs + 16, sum[i][1]);
  }
}

// A row of pixels into panels of `width` channels, a number per channel and step: the pixel itself, or it and the next.
// `from` is null for a row of padding; pixels outside [0, count) are 0.
template <typename Kind>
CSL_WIDE void packRow(const typename Kind::Value* from, int64_t count, int64_t channels, int64_t first, int64_t advance,
                      int64_t steps, int64_t width, uint32_t* to, int64_t panel) {
  for (int64_t s = 0; s < steps; s++) {
    int64_t pixel = first + s * advance;
    auto valid = [&](int64_t p) { return from && p >= 0 && p < count; };
    auto here = valid(pixel) ? reinterpret_cast<const char*>(from + pixel * channels) : nullptr;
    auto next = Kind::pixels == 2 && valid(pixel + 1) ? reinterpret_cast<const char*>(from + (pixel + 1) * channels) : nullptr;
    for (int64_t c = 0; c < channels; c += width) {
      uint32_t* out = to + c / width * panel + s * width;
      for (int64_t k = 0; k < width; k++) {
        if constexpr (Kind::pixels == 1) {
          out[k] = here ? reinterpret_cast<const uint32_t*>(here)[c + k] : 0;
        } else {
          uint32_t low = here ? reinterpret_cast<const uint16_t*>(here)[c + k] : 0;
          uint32_t high = next ? reinterpret_cast<const uint16_t*>(next)[c + k] : 0;
          out[k] = low | high << 16;
        }
      }
    }
  }
}

// Every thread packs its share of a block and then computes its share of the tiles.
template <typename Kind>
at::Tensor product(const at::Tensor& x, const at::Tensor& dy, const ConvGeometry& geometry, int64_t height,
                   int64_t width) {
  using Value = typename Kind::Value;
  int64_t batch = x.size(0), inHeight = x.size(1), inWidth = x.size(2), inputs = x.size(3);
  int64_t outHeight = dy.size(1), outWidth = dy.size(2), outputs = dy.size(3);
  int64_t stride = geometry.stride[0], strideX = geometry.stride[1];
  int64_t padTop = geometry.padding[0], padLeft = geometry.padding[1];
  auto dw = at::empty({height, width, inputs, outputs}, x.options().dtype(at::kFloat));

  // About a quarter of a megabyte of the wider side: both stay in the second cache.
  int64_t target = std::max<int64_t>(64, 131072 / std::max(inputs, outputs));
  int64_t rows = std::clamp<int64_t>(target / outWidth, 1, outHeight);
  int64_t images = rows == outHeight ? std::clamp<int64_t>(target / (outHeight * outWidth), 1, batch) : 1;
  Block block;
  block.outWidth = (outWidth + Kind::pixels - 1) / Kind::pixels;
  block.inWidth = (block.outWidth * Kind::pixels - 1) * strideX + width;
  block.stepX = tileIn * strideX * Kind::pixels;
  block.rowX = block.inWidth * tileIn * stride;
  int64_t mostRows = (rows - 1) * stride + height;
  auto store = at::empty({images * (mostRows * block.inWidth * inputs + rows * block.outWidth * outputs)},
                         x.options().dtype(at::kInt));
  auto* packedX = reinterpret_cast<uint32_t*>(store.data_ptr<int>());
  auto* packedDy = packedX + images * mostRows * block.inWidth * inputs;
  auto* from = static_cast<const Value*>(x.data_ptr());
  auto* upstream = static_cast<const Value*>(dy.data_ptr());
  auto* to = dw.data_ptr<float>();

  auto work = [&](int64_t thread, int64_t threads, auto barrier) {
    auto share = [&](int64_t count, auto body) {
      for (int64_t i = count * thread / threads; i < count * (thread + 1) / threads; i++) body(i);
    };
    bool fresh = true;
    for (int64_t b = 0; b < batch; b += images) {
      for (int64_t top = 0; top < outHeight; top += rows) {
        Block now = block;
        now.images = std::min(images, batch - b);
        now.rows = std::min(rows, outHeight - top);
        now.inRows = (now.rows - 1) * stride + height;
        int64_t panelX = now.images * now.inRows * now.inWidth * tileIn;
        int64_t panelDy = now.images * now.rows * now.outWidth * tileOut;
        share(now.images * now.inRows, [&](int64_t i) {
          int64_t image = b + i / now.inRows, row = top * stride + i % now.inRows - padTop;
          bool inside = row >= 0 && row < inHeight;
          packRow<Kind>(inside ? from + (image * inHeight + row) * inWidth * inputs : nullptr, inWidth, inputs,
                        -padLeft, 1, now.inWidth, tileIn, packedX + i * now.inWidth * tileIn, panelX);
        });
        share(now.images * now.rows, [&](int64_t i) {
          int64_t image = b + i / now.rows, row = top + i % now.rows;
          packRow<Kind>(upstream + (image * outHeight + row) * outWidth * outputs, outWidth, outputs, 0,
                        Kind::pixels, now.outWidth, tileOut, packedDy + i * now.outWidth * tileOut, panelDy);
        });
        barrier();
        int64_t taps = height * width, panels = inputs / tileIn;
        // A panel of dy, the larger one, stays in the first cache while all of x passes.
        share(outputs / tileOut * taps * panels, [&](int64_t i) {
          int64_t o = i / (taps * panels), tap = i / panels % taps, p = i % panels;
          int64_t ky = tap / width, kx = tap % width;
          tile<Kind>(packedX + p * panelX + (ky * now.inWidth + kx) * tileIn, packedDy + o * panelDy,
                     to + (tap * inputs + p * tileIn) * outputs + o * tileOut, outputs, now, fresh);
        });
        barrier();
        fresh = false;
      }
    }
  };
  inTeam(at::get_num_threads(), work);
  return dw;
}

#endif

}  // namespace

#ifdef CSL_AVX512

bool fitsFilterGradient(const at::Tensor& x, const at::Tensor& dy, const ConvGeometry& geometry) {
  auto type = x.scalar_type();
  return x.is_cpu() && x.numel() > 0 && dy.numel() > 0 && (type == at::kFloat || type == at::kBFloat16) && dy.scalar_type() == type &&
         geometry.dilation[0] == 1 && geometry.dilation[1] == 1 && (type == at::kFloat || geometry.stride[1] == 1) && x.size(3) % tileIn == 0 &&
         dy.size(3) % tileOut == 0 && (type == at::kFloat ? hasAvx512() : bestAtHalves());
}

at::Tensor filterGradient(const at::Tensor& x, const at::Tensor& dy, const ConvGeometry& geometry, int64_t height,
                          int64_t width) {
  return x.scalar_type() == at::kFloat ? product<Single>(x, dy, geometry, height, width)
                                       : product<Pairs>(x, dy, geometry, height, width);
}

#else

bool fitsFilterGradient(const at::Tensor&, const at::Tensor&, const ConvGeometry&) { return false; }
at::Tensor filterGradient(const at::Tensor&, const at::Tensor&, const ConvGeometry&, int64_t, int64_t) { return {}; }

#endif

}  // namespace csl
