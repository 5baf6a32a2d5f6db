// Host memory for tensors out of one range of addresses, in pages of the large kind. The pages of fresh memory are cleared and
// mapped one by one when first touched, which costs more than most of the arithmetic on them; so what a tensor leaves is
// kept, joined with what is free beside it, and given to the next, whatever its size.
#pragma once

#if defined(__linux__)

#include <sys/mman.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

namespace csl {

class HostArena {
 public:
  struct Statistics {
    size_t used = 0, peak = 0, reserved = 0;
  };

  // `slack`: by how much used and kept memory together may exceed the most that was ever used.
  explicit HostArena(size_t slack = 256 << 20) : slack_(slack) {}

  // Null where the system has no more, or gives no range of addresses.
  void* take(size_t size) {
    if (size > most) return nullptr;
    size = roundedUp(std::max<size_t>(size, 1), grain);
    std::lock_guard lock(mutex_);
    if (!opened_ && !reserve()) return nullptr;
    auto found = touched_.lower_bound({size, nullptr});
    bool kept = found != touched_.end();
    if (!kept) {
      found = untouched_.lower_bound({size, nullptr});
      if (found == untouched_.end() || !open(found->second + size)) return nullptr;
    }
    auto [whole, block] = *found;
    Kind kind = kept ? Kind::Touched : Kind::Untouched;
    freeOf(kind).erase(found);
    spans_[block] = {size, Kind::Used};
    if (whole > size) insert(block + size, whole - size, kind);
    statistics_.used += size;
    statistics_.peak = std::max(statistics_.peak, statistics_.used);
    statistics_.reserved += kept ? 0 : size;
    trim();
    return block;
  }

  // False for a block that is not its own.
  bool give(void* pointer) {
    auto* block = static_cast<char*>(pointer);
    std::lock_guard lock(mutex_);
    auto at = spans_.find(block);
    if (at == spans_.end() || at->second.kind != Kind::Used) return false;
    size_t size = at->second.size;
    statistics_.used -= size;
    spans_.erase(at);
    insert(block, size, Kind::Touched);
    trim();
    return true;
  }

  Statistics statistics() {
    std::lock_guard lock(mutex_);
    return statistics_;
  }

 private:
  static constexpr size_t grain = 4096;
  static constexpr size_t page = 2 << 20;  // of the large kind
  static constexpr size_t step = 64 << 20;
  static constexpr size_t most = size_t{4} << 40;

  // Spans cover the range without a gap; no two that are free and of one kind lie side by side.
  enum class Kind { Used, Touched, Untouched };
  struct Span {
    size_t size;
    Kind kind;
  };
  using Free = std::set<std::pair<size_t, char*>>;

  static size_t roundedUp(size_t size, size_t to) { return (size + to - 1) / to * to; }
  static char* pageBefore(char* at) { return at - reinterpret_cast<size_t>(at) % page; }

  Free& freeOf(Kind kind) { return kind == Kind::Touched ? touched_ : untouched_; }

  // Addresses only: 4 TB, or half of what the system lets have where it limits them, since others need some, too.
  bool reserve() {
    for (size_t size = 2 * most; size >= size_t{1} << 30; size /= 2) {
      void* range = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (range == MAP_FAILED) continue;
      auto* from = static_cast<char*>(range);
      munmap(from + size / 2, size / 2);
      opened_ = pageBefore(from + page - 1);
      end_ = pageBefore(from + size / 2);
      insert(opened_, end_ - opened_, Kind::Untouched);
      return true;
    }
    return false;
  }

  // Makes memory of the addresses below `end`.
  bool open(char* end) {
    if (end <= opened_) return true;
    size_t size = std::min<size_t>(roundedUp(end - opened_, step), end_ - opened_);
    if (mprotect(opened_, size, PROT_READ | PROT_WRITE) != 0) return false;
    madvise(opened_, size, MADV_HUGEPAGE);
    opened_ += size;
    return true;
  }

  // A free span, joined with its neighbours of the same kind.
  void insert(char* block, size_t size, Kind kind) {
    auto& free = freeOf(kind);
    auto next = spans_.upper_bound(block);
    if (next != spans_.end() && next->second.kind == kind) {
      size += next->second.size;
      free.erase({next->second.size, next->first});
      next = spans_.erase(next);
    }
    if (next != spans_.begin()) {
      auto before = std::prev(next);
      if (before->second.kind == kind) {
        block = before->first;
        size += before->second.size;
        free.erase({before->second.size, before->first});
      }
    }
    spans_[block] = {size, kind};
    free.insert({size, block});
  }

  // Gives to the system what is kept beyond the slack, from the ends of the largest free spans.
  void trim() {
    while (statistics_.reserved > statistics_.peak + slack_ && !touched_.empty()) {
      auto [size, block] = *touched_.rbegin();
      size_t surplus = std::min(size, statistics_.reserved - statistics_.peak - slack_);
      char* from = std::max(block, pageBefore(block + size - surplus));
      size_t part = block + size - from;
      madvise(from, part, MADV_DONTNEED);
      touched_.erase({size, block});
      spans_.erase(block);
      if (from > block) insert(block, size - part, Kind::Touched);
      insert(from, part, Kind::Untouched);
      statistics_.reserved -= part;
    }
  }

  const size_t slack_;
  std::mutex mutex_;
  char *opened_ = nullptr, *end_ = nullptr;  // memory ends here, and addresses there
  std::map<char*, Span> spans_;
  Free touched_, untouched_;
  Statistics statistics_;
};

}  // namespace csl

#endif
