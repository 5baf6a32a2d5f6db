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

  // Null where the system has no more, or gives no range of addresses.
  void* take(size_t size) {
    size = roundedUp(size, grain);
    std::lock_guard lock(mutex_);
    if (!base_ && !reserve()) return nullptr;
    auto found = touched_.lower_bound({size, nullptr});
    bool kept = found != touched_.end();
    if (!kept) {
      found = untouched_.lower_bound({size, nullptr});
      if (found == untouched_.end() || !open(found->second + size)) return nullptr;
    }
    char* block = found->second;
    size_t whole = found->first;
    (kept ? touched_ : untouched_).erase(found);
    spans_[block] = {size, Kind::Used};
    if (whole > size) insert(block + size, {whole - size, kept ? Kind::Touched : Kind::Untouched});
    statistics_.used += size;
    statistics_.peak = std::max(statistics_.peak, statistics_.used);
    statistics_.reserved += kept ? 0 : size;
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
    auto next = std::next(at);
    if (next != spans_.end() && next->second.kind == Kind::Touched) {
      size += next->second.size;
      touched_.erase({next->second.size, next->first});
      spans_.erase(next);
    }
    if (at != spans_.begin()) {
      auto before = std::prev(at);
      if (before->second.kind == Kind::Touched) {
        block = before->first;
        size += before->second.size;
        touched_.erase({before->second.size, before->first});
        spans_.erase(before);
      }
    }
    spans_.erase(at);
    insert(block, {size, Kind::Touched});
    // Used and kept memory together never exceed by more than a little the most that was ever used.
    while (statistics_.reserved > statistics_.peak + slack && !touched_.empty()) giveToSystem(*touched_.rbegin());
    return true;
  }

  Statistics statistics() {
    std::lock_guard lock(mutex_);
    return statistics_;
  }

 private:
  static constexpr size_t grain = 4096;
  static constexpr size_t page = 2 << 20;  // of the large kind
  static constexpr size_t slack = 256 << 20;
  static constexpr size_t step = 64 << 20;

  enum class Kind { Used, Touched, Untouched };
  struct Span {
    size_t size;
    Kind kind;
  };
  using Free = std::set<std::pair<size_t, char*>>;

  static size_t roundedUp(size_t size, size_t to) { return (size + to - 1) / to * to; }

  // Addresses only: 4 TB or what the system lets have.
  bool reserve() {
    for (size_t size = size_t{4} << 40; size >= size_t{1} << 30; size /= 2) {
      void* range = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (range == MAP_FAILED) continue;
      auto from = roundedUp(reinterpret_cast<size_t>(range), page);
      base_ = opened_ = reinterpret_cast<char*>(from);
      insert(base_, {(reinterpret_cast<size_t>(range) + size - from) / page * page, Kind::Untouched});
      end_ = base_ + untouched_.begin()->first;
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

  void insert(char* block, Span span) {
    // An untouched span may lie beside another.
    if (span.kind == Kind::Untouched) {
      auto next = spans_.find(block + span.size);
      if (next != spans_.end() && next->second.kind == Kind::Untouched) {
        span.size += next->second.size;
        untouched_.erase({next->second.size, next->first});
        spans_.erase(next);
      }
      auto before = spans_.lower_bound(block);
      if (before != spans_.begin() && (--before)->second.kind == Kind::Untouched) {
        block = before->first;
        span.size += before->second.size;
        untouched_.erase({before->second.size, before->first});
        spans_.erase(before);
      }
    }
    spans_[block] = span;
    (span.kind == Kind::Touched ? touched_ : untouched_).insert({span.size, block});
  }

  void giveToSystem(std::pair<size_t, char*> free) {
    auto [size, block] = free;
    madvise(block, size, MADV_DONTNEED);
    touched_.erase(free);
    statistics_.reserved -= size;
    insert(block, {size, Kind::Untouched});
  }

  std::mutex mutex_;
  char *base_ = nullptr, *opened_ = nullptr, *end_ = nullptr;
  std::map<char*, Span> spans_;
  Free touched_, untouched_;
  Statistics statistics_;
};

}  // namespace csl

#endif
