// libtorch's allocator of host memory: large blocks come from an arena of our own while it has some, all others from libtorch's.
#include <ATen/ATen.h>
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <torch/version.h>

#include "exports.h"
#include "host-arena.h"
#if defined(__linux__)
#include <malloc.h>
#endif

namespace csl {
namespace {

#if defined(__linux__)

constexpr size_t large = 256 << 10;  // smaller ones malloc keeps well enough

// Never destroyed: tensors may outlive it at exit.
HostArena& arena() {
  static auto* one = new HostArena();
  return *one;
}

at::DeleterFnPtr restDeleter = nullptr;

// oneDNN's glue in libtorch allocates and frees by bare pointers, the small ones too.
void giveBack(void* block) {
  if (block && !arena().give(block)) restDeleter(block);
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
    void* block = arena().take(size);
    if (block) return {block, block, &giveBack, at::Device(at::DeviceType::CPU)};
    try {
      return rest_->allocate(size);
    } catch (const std::exception&) {
      throw std::runtime_error("torch: no memory for a tensor of " + std::to_string(size >> 20) + " MB");
    }
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
  auto [used, peak, reserved] = arena().statistics();
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
