// Large blocks of host memory are kept for the next tensor instead of going back to the system: the pages of fresh memory are
// cleared and mapped one by one when first touched, which costs more than most of the arithmetic on them.
#include <ATen/ATen.h>
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <torch/version.h>

#include <cstdlib>
#include <map>
#include <mutex>
#include <unordered_map>

#include "exports.h"
#if defined(__linux__)
#include <malloc.h>
#include <sys/mman.h>
#endif

namespace csl {
namespace {

#if defined(__linux__)

constexpr size_t large = 1 << 20;   // smaller ones are libtorch's own allocator's affair
constexpr size_t page = 2 << 20;   // of the large kind
constexpr size_t slack = 256 << 20;

struct Statistics {
  size_t used = 0, peak = 0, reserved = 0;
};

// The best fit among the free blocks, at most an eighth larger than asked for. Used and free blocks together never exceed the
// most that was ever used by more than a little: before that, the smallest free ones go back to the system.
class Reuse {
 public:
  void* take(size_t size) {
    size = (size + 4095) / 4096 * 4096;
    std::lock_guard lock(mutex_);
    auto found = free_.lower_bound(size);
    void* block;
    if (found != free_.end() && found->first <= size + size / 8 + 65536) {
      size = found->first;
      block = found->second;
      free_.erase(found);
      idle_ -= size;
    } else {
      while (idle_ > 0 && statistics_.used + idle_ + size > statistics_.peak + slack) drop(free_.begin());
      block = fresh(size);
      if (!block) {
        dropAll();
        block = fresh(size);
      }
      if (!block) return nullptr;
      statistics_.reserved += size;
    }
    sizes_[block] = size;
    statistics_.used += size;
    statistics_.peak = std::max(statistics_.peak, statistics_.used);
    return block;
  }

  // False for a block that is not its own.
  bool give(void* block) {
    std::lock_guard lock(mutex_);
    auto found = sizes_.find(block);
    if (found == sizes_.end()) return false;
    size_t size = found->second;
    sizes_.erase(found);
    statistics_.used -= size;
    free_.emplace(size, block);
    idle_ += size;
    while (statistics_.used + idle_ > statistics_.peak + slack) drop(free_.begin());
    return true;
  }

  Statistics statistics() {
    std::lock_guard lock(mutex_);
    return statistics_;
  }

 private:
  static void* fresh(size_t size) {
    void* block = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) return nullptr;
    if (size >= 2 * page) madvise(block, size, MADV_HUGEPAGE);
    return block;
  }

  void drop(std::multimap<size_t, void*>::iterator at) {
    munmap(at->second, at->first);
    idle_ -= at->first;
    statistics_.reserved -= at->first;
    free_.erase(at);
  }

  void dropAll() {
    while (!free_.empty()) drop(free_.begin());
  }

  std::mutex mutex_;
  std::multimap<size_t, void*> free_;
  std::unordered_map<void*, size_t> sizes_;
  size_t idle_ = 0;
  Statistics statistics_;
};

// Never destroyed: tensors may outlive it at exit.
Reuse& reuse() {
  static auto* one = new Reuse();
  return *one;
}

at::DeleterFnPtr restDeleter = nullptr;

// oneDNN's glue in libtorch allocates and frees by bare pointers, the small ones too.
void giveBack(void* block) {
  if (block && !reuse().give(block)) restDeleter(block);
}

class ReusingAllocator final : public at::Allocator {
 public:
  explicit ReusingAllocator(at::Allocator* rest) : rest_(rest) {}

#if TORCH_VERSION_MAJOR >= 2 && (TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 3)
  at::DataPtr allocate(size_t size) override { return get(size); }
  void copy_data(void* to, const void* from, std::size_t count) const override { default_copy_data(to, from, count); }
  at::DataPtr get(size_t size) {
#else
  at::DataPtr allocate(size_t size) const override {
#endif
    if (size < large) return rest_->allocate(size);
    void* block = reuse().take(size);
    if (!block) throw std::runtime_error("torch: no memory for a tensor of " + std::to_string(size >> 20) + " MB");
    return {block, block, &giveBack, at::Device(at::DeviceType::CPU)};
  }

  at::DeleterFnPtr raw_deleter() const override { return &giveBack; }

 private:
  at::Allocator* rest_;
};

void install() {
  // oneDNN's scratch memory comes from malloc: it too is kept.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 29);
  restDeleter = c10::GetCPUAllocator()->raw_deleter();
  if (!restDeleter) return;
  c10::SetCPUAllocator(new ReusingAllocator(c10::GetCPUAllocator()), 100);
}

Napi::Value reuseMemory(const Napi::CallbackInfo& info) {
  static bool done = (install(), true);
  return Napi::Boolean::New(info.Env(), done);
}

Napi::Value hostMemory(const Napi::CallbackInfo& info) {
  auto [used, peak, reserved] = reuse().statistics();
  auto result = Napi::Object::New(info.Env());
  result.Set("allocated", Napi::Number::New(info.Env(), static_cast<double>(used)));
  result.Set("peak", Napi::Number::New(info.Env(), static_cast<double>(peak)));
  result.Set("reserved", Napi::Number::New(info.Env(), static_cast<double>(reserved)));
  return result;
}

#else

Napi::Value reuseMemory(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), false); }
Napi::Value hostMemory(const Napi::CallbackInfo& info) { return info.Env().Null(); }

#endif

const Export exported[] = {{"reuseMemory", reuseMemory}, {"hostMemory", hostMemory}};

}  // namespace
}  // namespace csl
