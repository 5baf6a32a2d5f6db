// Memory that the host cannot touch: one file in memory, mapped twice. A tensor knows it by addresses that nobody may read or
// write; the device's own work goes through the other mapping.
#pragma once

#include <c10/core/Allocator.h>
#include <c10/util/Exception.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <mutex>
#include <set>

namespace fake {

// Of the whole device: JavaScript's thread computes, another one of Node's pool waits for copies.
inline std::recursive_mutex& deviceLock() {
  static std::recursive_mutex lock;
  return lock;
}

using StreamId = int64_t;

struct Block {
  size_t bytes;
  StreamId owner;             // the stream it was allocated on
  std::set<StreamId> known;   // others that were told to its allocator (recordDataPtrOnStream)
};

class Memory {
 public:
  static Memory& one() {
    static auto* memory = new Memory();  // never destroyed: tensors may outlive it at exit
    return *memory;
  }

  char* take(size_t bytes, StreamId owner) {
    size_t size = (bytes + page - 1) / page * page;
    auto& free = free_[owner];
    auto found = free.find(size);
    char* at;
    if (found != free.end()) {
      at = found->second;
      free.erase(found);
    } else {
      TORCH_CHECK(top_ + size <= range, "fake device: out of memory");
      at = closed_ + top_;
      top_ += size;
    }
    blocks_[at] = {size, owner, {}};
    used_ += size;
    peak_ = std::max(peak_, used_);
    return at;
  }

  // What was freed is not a number: nobody may count on it.
  void give(char* at) {
    auto found = blocks_.find(at);
    std::memset(open(at), 0xff, found->second.bytes);
    used_ -= found->second.bytes;
    free_[found->second.owner].emplace(found->second.bytes, at);
    blocks_.erase(found);
  }

  Block* blockOf(const void* address) {
    auto* at = static_cast<char*>(const_cast<void*>(address));
    auto next = blocks_.upper_bound(at);
    if (next == blocks_.begin()) return nullptr;
    auto& [start, block] = *std::prev(next);
    return at < start + block.bytes ? &block : nullptr;
  }

  char* open(const void* closed) const { return open_ + (static_cast<const char*>(closed) - closed_); }
  bool isOpen(const void* address) const { return address >= open_ && address < open_ + range; }
  // The byte of an opened address, counted from another one's closed form.
  int64_t distance(const void* opened, const void* closed) const { return static_cast<const char*>(opened) - open(closed); }
  bool holds(const void* address) const { return address >= closed_ && address < closed_ + range; }

  void forgetPeak() { peak_ = used_; }
  size_t used() const { return used_; }
  size_t peak() const { return peak_; }
  size_t reserved() const { return top_; }

 private:
  static constexpr size_t range = size_t{32} << 30;  // of addresses; memory is taken as it is used
  static constexpr size_t page = 4096;

  Memory() {
    int file = memfd_create("fake-device", 0);
    TORCH_CHECK(file >= 0 && ftruncate(file, range) == 0, "fake device: no memory");
    closed_ = map(file, PROT_NONE);
    open_ = map(file, PROT_READ | PROT_WRITE);
  }
  static char* map(int file, int protection) {
    void* at = mmap(nullptr, range, protection, MAP_SHARED | MAP_NORESERVE, file, 0);
    TORCH_CHECK(at != MAP_FAILED, "fake device: no addresses");
    return static_cast<char*>(at);
  }

  char *closed_, *open_;
  size_t top_ = 0, used_ = 0, peak_ = 0;
  std::map<char*, Block> blocks_;
  std::map<StreamId, std::multimap<size_t, char*>> free_;
};

}  // namespace fake
