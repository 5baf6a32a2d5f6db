// Memory of a recording that variables hold between its replays. A recording reads and writes the same memory at every replay, while
// what was made of a variable before, a clone or a slice, keeps its numbers. So a variable gets the memory under a storage of its own:
// where others know that storage when the next replay comes, it moves, numbers and all, to other memory, and they with it.
#include <set>

#include "fused-copy.h"
#include "fused.h"

namespace csl {
namespace {

// (memory ×n) → the same memory under storages of their own, ×n, and an observer of each of these, ×n
Tensors lend(const Tensors& in, const Numbers&) {
  Tensors lent, observers;
  for (const auto& memory : in) {
    c10::DataPtr data(memory.data_ptr(), new at::Tensor(memory), [](void* owner) { delete static_cast<at::Tensor*>(owner); },
                      memory.device());
    c10::Storage storage(c10::Storage::use_byte_size_t(), memory.nbytes(), std::move(data), nullptr, false);
    lent.push_back(memory.alias());
    lent.back().unsafeGetTensorImpl()->set_storage_keep_dtype(std::move(storage));
    observers.push_back(lent.back().alias());
  }
  lent.insert(lent.end(), observers.begin(), observers.end());
  return lent;
}

// (observer ×n; owners ×n): whose storage has more owners than these has others. They take the numbers with them.
Tensors reclaim(const Tensors& in, const Numbers& owners) {
  Tensors shared;
  for (size_t i = 0; i < in.size(); i++)
    if (in[i].storage().use_count() > owners[i]) shared.push_back(in[i]);
  auto moved = copiesOf(shared);
  for (size_t i = 0; i < shared.size(); i++) {
    auto nothing = c10::DataPtr(nullptr, shared[i].device());
    shared[i].storage().set_data_ptr(moved[i].storage().set_data_ptr(std::move(nothing)));
  }
  return {};
}

// (memory ×n, new ×n): the new numbers into the memory, unless they were made there.
Tensors settle(const Tensors& in, const Numbers&) {
  size_t count = in.size() / 2;
  std::set<const void*> memories;
  for (size_t i = 0; i < count; i++) memories.insert(in[i].data_ptr());
  Tensors to, from;
  for (size_t i = 0; i < count; i++) {
    const auto& next = in[count + i];
    if (next.data_ptr() == in[i].data_ptr()) continue;
    to.push_back(in[i]);
    // Another variable's memory would be overwritten first.
    from.push_back(memories.count(next.storage().data_ptr().get()) > 0 ? next.clone() : next);
  }
  copyAll(to, from);
  return {};
}

const Fused fused[] = {{"lend", lend}, {"reclaim", reclaim}, {"settle", settle}};

}  // namespace
}  // namespace csl
