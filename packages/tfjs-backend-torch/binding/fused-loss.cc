// The partial loss of @csl/partial-loss with its gradient in one pass (formulas in its partial-loss-values.ts). With z = −x for
// a positive and x for the others, s = σ(z) is the share of the mistake, softplus(z) its loss and s^γ its focus.
#include <cmath>

#include "fused-loops.h"
#include "fused-selection.h"
#include "fused.h"

namespace csl {
namespace {

// In the order unannotated, negative, positive: the index is the label + 1.
struct Formula {
  float gamma[3], alpha[3];
  float clip, scale;
  bool focusGradient;
};

constexpr int64_t block = 256;

// e^x for x ≤ 0, to 2 units in the last place.
CSL_INLINE float expOf(float x) {
  x = x < -87 ? -87 : x;
  auto whole = static_cast<int32_t>(x * 1.44269504f - 0.5f);  // the nearest, as x ≤ 0 and the cast goes towards 0
  auto n = static_cast<float>(whole);
  float r = x - n * 0.693359375f + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  return (p * r * r + r + 1) * std::bit_cast<float>((whole + 127) << 23);
}

// 2·artanh(u) for |u| ≤ 1/3.
CSL_INLINE float twiceArtanh(float u) {
  float q = u * u;
  float p = 1.0f / 15;
  p = p * q + 1.0f / 13;
  p = p * q + 1.0f / 11;
  p = p * q + 1.0f / 9;
  p = p * q + 1.0f / 7;
  p = p * q + 1.0f / 5;
  p = p * q + 1.0f / 3;
  return 2 * (u + u * q * p);
}

// −log(1 − s) given s and 1 − s; exact where s is small.
CSL_INLINE float minusLog(float s, float rest) {
  uint32_t bits = std::bit_cast<uint32_t>(rest);
  int32_t exponent = static_cast<int32_t>((bits - 0x3f3504f3u) & 0xff800000u) >> 23;  // of the part in [√½, √2)
  float part = std::bit_cast<float>(bits - (static_cast<uint32_t>(exponent) << 23));
  float over = exponent == 0 ? -s : part - 1;
  return -(twiceArtanh(over / (2 + over)) + exponent * 0.693147180559945f);
}

CSL_INLINE void power(const float* base, float exponent, float* out, int64_t count) {
  int whole = static_cast<int>(exponent);
  if (whole != exponent || whole > 8) {
    for (int64_t i = 0; i < count; i++) out[i] = std::pow(base[i], exponent);
    return;
  }
  for (int64_t i = 0; i < count; i++) out[i] = 1;
  for (int n = 0; n < whole; n++) {
    for (int64_t i = 0; i < count; i++) out[i] *= base[i];
  }
}

// A block of at most 256 entries; `gradient` holds the weights and becomes the gradient. Returns the loss.
CSL_INLINE double lossBlockBody(const float* logits, const float* labels, float* gradient, int64_t count,
                                const Formula& given) {
  Formula f = given;
  float base[block], loss[block], slope[block], logSlope[block], focus[3][block];
  for (int64_t i = 0; i < count; i++) {
    float z = labels[i] > 0 ? -logits[i] : logits[i];
    float e = expOf(z < 0 ? z : -z);
    float large = 1 / (1 + e), small = e * large;
    base[i] = z < 0 ? small : large;
    logSlope[i] = z < 0 ? large : small;  // 1 − s
    loss[i] = (z < 0 ? 0 : z) + twiceArtanh(e / (2 + e));
    slope[i] = base[i];
  }
  for (int64_t i = 0; f.clip > 0 && i < count; i++) {
    if (labels[i] > 0) continue;
    float s = base[i], rest = logSlope[i];
    float clipped = s - f.clip < 0 ? 0 : s - f.clip;
    float kept = clipped > 0 && rest + f.clip < 1 ? rest + f.clip : 1;  // 1 − clipped
    base[i] = clipped;
    loss[i] = minusLog(clipped, kept);
    slope[i] = clipped > 0 ? s * rest / kept : 0;
    logSlope[i] = clipped > 0 ? s * rest / clipped : 0;
  }
  for (int k = 0; k < 3; k++) power(base, f.gamma[k], focus[k], count);
  for (int64_t i = 0; i < count; i++) {
    float label = labels[i];
    float own = label > 0 ? focus[2][i] * f.alpha[2] : label < 0 ? focus[0][i] * f.alpha[0] : focus[1][i] * f.alpha[1];
    float exponent = label > 0 ? f.gamma[2] : label < 0 ? f.gamma[0] : f.gamma[1];
    own *= gradient[i];
    float rise = slope[i] + (f.focusGradient ? exponent * logSlope[i] * loss[i] : 0);
    loss[i] *= own;
    gradient[i] = (label > 0 ? -f.scale : f.scale) * own * rise;
  }
  // Sixteen sums side by side: one alone would keep the compiler from using vectors.
  float sums[lanes] = {};
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    for (int lane = 0; lane < lanes; lane++) sums[lane] += loss[i + lane];
  }
  double total = 0;
  for (; i < count; i++) total += loss[i];
  for (float sum : sums) total += sum;
  return total;
}
CSL_CLONED(double, lossBlock,
           (const float* logits, const float* labels, float* gradient, int64_t count, const Formula& given),
           (logits, labels, gradient, count, given))

// n: gamma ×3, alpha ×3 (unannotated, negative, positive), clip, reduction (0 sum, 1 mean, 2 annotated-mean),
// focusGradient, policy (0 negative, 1 ignore, 2 normalized, 3 selective, 4 the given weights), then
// normalized: by proportion, slope, exponent, offset; selective: topK, per sample, priorThreshold, spareIgnored
enum Policy { negative, ignore, normalized, selective, given };

double normalizedWeight(int64_t known, int64_t classes, const Numbers& n) {
  if (n[10] == 0) return 1.0 / (1 + known) + 1;
  return n[11] * std::pow(static_cast<double>(known) / classes, n[12]) + n[13];
}

int64_t annotatedIn(const float* labels, int64_t count) {
  int64_t known = 0;
  for (int64_t i = 0; i < count; i++) known += labels[i] != -1;
  return known;
}

// (logits, labels float32 [rows, classes], prior [classes]?, weights [rows, classes]?; n) → loss, gradient
Tensors partialLoss(const Tensors& in, const Numbers& n) {
  auto host = [](const at::Tensor& t) { return t.defined() ? t.to(at::kCPU, at::kFloat).contiguous() : t; };
  auto x = host(in[0]), y = host(in[1]), prior = host(in[2]), weights = host(in[3]);
  int64_t rows = x.size(0), classes = x.size(1);
  const float *logits = x.data_ptr<float>(), *labels = y.data_ptr<float>();
  auto policy = static_cast<Policy>(static_cast<int>(n[9]));
  Selection selection{logits, labels, rows, classes, {}, policy == selective && n[13] != 0};
  bool perSample = policy == selective && n[11] != 0;
  int64_t k = policy == selective ? static_cast<int64_t>(n[10]) : 0;
  if (policy == selective && prior.defined()) {
    for (int64_t c = 0; c < classes; c++)
      selection.overPrior.push_back(prior.data_ptr<float>()[c] > static_cast<float>(n[12]));
  }
  auto pooled = perSample ? Selection::Edge{} : selection.edge(0, rows, k * rows);
  double divisor = 1;
  if (n[7] == 1) divisor = static_cast<double>(rows) * classes;
  if (n[7] == 2) divisor = std::max<int64_t>(1, annotatedIn(labels, rows * classes));
  Formula formula{{}, {}, static_cast<float>(n[6]), static_cast<float>(1 / divisor), n[8] != 0};
  for (int i = 0; i < 3; i++) {
    formula.gamma[i] = static_cast<float>(n[i]);
    formula.alpha[i] = static_cast<float>(n[3 + i]);
  }
  auto gradient = at::empty_like(x);
  auto* out = gradient.data_ptr<float>();
  std::vector<double> totals(rows);
  auto weigh = [&](int64_t row, int64_t start, float known, const Selection::Edge& edge, int64_t first, int64_t last) {
    auto each = [&](auto weight) {
      for (int64_t c = first; c < last; c++) out[start + c] = weight(start + c, c, labels[start + c] == -1);
    };
    const uint8_t* overPrior = selection.overPrior.empty() ? nullptr : selection.overPrior.data();
    switch (policy) {
      case negative: return each([](int64_t, int64_t, bool) { return 1.0f; });
      case ignore: return each([](int64_t, int64_t, bool open) { return open ? 0.0f : 1.0f; });
      case normalized: return each([&](int64_t, int64_t, bool open) { return open ? 0.0f : known; });
      case given: return each([&](int64_t i, int64_t, bool) { return weights.data_ptr<float>()[i]; });
      case selective:
        return each([&](int64_t i, int64_t c, bool open) {
          bool byPrior = overPrior && overPrior[c];
          bool byRank = edge.includes(logits[i], i) && !(byPrior && selection.spareIgnored);
          return open && (byPrior || byRank) ? 0.0f : 1.0f;
        });
    }
  };
  at::parallel_for(0, rows, std::max<int64_t>(1, 4096 / classes), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      int64_t start = row * classes;
      auto edge = perSample ? selection.edge(row, row + 1, k) : pooled;
      float known = policy == normalized ? normalizedWeight(annotatedIn(labels + start, classes), classes, n) : 0;
      for (int64_t c = 0; c < classes; c += block) {
        int64_t last = std::min(classes, c + block);
        weigh(row, start, known, edge, c, last);
        totals[row] += lossBlock(logits + start + c, labels + start + c, out + start + c, last - c, formula);
      }
    }
  });
  double total = 0;
  for (double one : totals) total += one;
  auto loss = at::full({}, total / divisor, x.options());
  return {loss.to(in[0].device()), gradient.to(in[0].device())};
}

CSL_INLINE int64_t countBadBody(const float* logits, const float* labels, int64_t count) {
  int32_t bad = 0;
  for (int64_t i = 0; i < count; i++) {
    float x = logits[i], label = labels[i];
    // 0 · NaN and 0 · ∞ are no 0; label³ = label for 1, 0 and −1 alone.
    bad += (x * 0 == 0 ? 0 : 1) | (label * label * label == label ? 0 : 1);
  }
  return bad;
}
CSL_CLONED(int64_t, countBad, (const float* logits, const float* labels, int64_t count), (logits, labels, count))

// (logits, labels) → the flat index of the first entry that is no finite number or no label, −1 when there is none
Tensors firstBadEntry(const Tensors& in, const Numbers&) {
  auto x = in[0].to(at::kCPU, at::kFloat).contiguous(), y = in[1].to(at::kCPU, at::kFloat).contiguous();
  const float *logits = x.data_ptr<float>(), *labels = y.data_ptr<float>();
  int64_t parts = (x.numel() + 4095) / 4096;
  std::vector<int64_t> bad(parts);
  at::parallel_for(0, parts, 8, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; p++)
      bad[p] = countBad(logits + p * 4096, labels + p * 4096, std::min<int64_t>(4096, x.numel() - p * 4096));
  });
  for (int64_t i = 0; i < x.numel(); i++) {
    if (bad[i / 4096] == 0) i += 4095 - i % 4096;
    else if (countBad(logits + i, labels + i, 1)) return {at::full({}, i, x.options().dtype(at::kInt))};
  }
  return {at::full({}, -1, x.options().dtype(at::kInt))};
}

const Fused fused[] = {{"partialLoss", partialLoss}, {"firstBadEntry", firstBadEntry}};

}  // namespace
}  // namespace csl
