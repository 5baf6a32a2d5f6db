// What binding/host-arena.h promises, for src/host-arena.test.ts. By hand, with the compiler's own checks:
//
//   g++ -std=c++20 -g -O1 -fsanitize=address,undefined conformance/host-arena.cc -o arena && ./arena   # or =thread
#include "../binding/host-arena.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>
#include <thread>
#include <vector>

namespace {

using csl::HostArena;

constexpr size_t kilo = 1 << 10, mega = 1 << 20, giga = 1 << 30;

void expect(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "expected: %s\n", what);
  std::_Exit(1);
}

size_t rounded(size_t size) { return (size + 4095) / 4096 * 4096; }

// How much of a range lies in memory.
size_t residentBytes(char* from, size_t size) {
  std::vector<unsigned char> pages(size / 4096);
  expect(mincore(from, size, pages.data()) == 0, "the range can be asked for");
  return 4096 * std::count_if(pages.begin(), pages.end(), [](unsigned char page) { return page & 1; });
}

// A block with a mark of its own in each of its pages: a block that overlaps it overwrites one.
struct Block {
  char* at;
  size_t size;
  uint64_t mark;
  void write() const {
    for (size_t i = 0; i + 8 <= size; i += 4096) std::memcpy(at + i, &mark, 8);
  }
  bool intact() const {
    for (size_t i = 0; i + 8 <= size; i += 4096) {
      if (std::memcmp(at + i, &mark, 8) != 0) return false;
    }
    return true;
  }
};

// Sizes between 1 byte and 4 MB, as many small as large.
size_t anySize(std::mt19937_64& random) { return size_t{1} << random() % 22 | random() % (size_t{1} << random() % 22); }

void keepsContentsAndCounts() {
  constexpr size_t slack = 8 * mega;
  HostArena arena(slack);
  std::mt19937_64 random(1);
  std::vector<Block> live;
  size_t used = 0, peak = 0;
  for (uint64_t step = 0; step < 20000; step++) {
    // Grows for a while, then shrinks.
    if (live.empty() || random() % 100 < (step / 2000 % 2 ? 35u : 65u)) {
      size_t size = anySize(random);
      Block block{static_cast<char*>(arena.take(size)), size, step};
      expect(block.at && reinterpret_cast<size_t>(block.at) % 4096 == 0, "a block is there and begins a page");
      block.write();
      live.push_back(block);
      used += rounded(size);
      peak = std::max(peak, used);
    } else {
      std::swap(live[random() % live.size()], live.back());
      expect(live.back().intact(), "what was written stays until the block is given back");
      expect(arena.give(live.back().at), "a block is taken back");
      expect(!arena.give(live.back().at), "but not twice");
      used -= rounded(live.back().size);
      live.pop_back();
    }
    auto now = arena.statistics();
    expect(now.used == used && now.peak == peak, "used and peak add up");
    expect(now.reserved >= used && now.reserved <= peak + slack, "reserved lies between used and peak + slack");
  }
  for (auto& block : live) expect(block.intact() && arena.give(block.at), "all come back whole");
  expect(arena.statistics().used == 0, "nothing is left");
}

void joinsWhatIsFree() {
  HostArena arena;
  std::vector<void*> blocks;
  for (int i = 0; i < 32; i++) blocks.push_back(arena.take(mega));
  std::shuffle(blocks.begin(), blocks.end(), std::mt19937_64(1));
  for (void* block : blocks) arena.give(block);
  arena.take(32 * mega);
  expect(arena.statistics().reserved == 32 * mega, "32 small blocks make room for one large");
}

// Every second block is free, and all of them are too small for what comes next.
void staysBelowThePeak() {
  constexpr size_t slack = mega;
  HostArena arena(slack);
  std::vector<char*> blocks;
  auto filled = [&](size_t size) {
    blocks.push_back(static_cast<char*>(arena.take(size)));
    std::memset(blocks.back(), 1, size);
  };
  for (int i = 0; i < 32; i++) filled(mega);
  for (int i = 0; i < 32; i += 2) arena.give(blocks[i]);
  for (int i = 0; i < 5; i++) filled(3 * mega);
  auto now = arena.statistics();
  expect(now.peak == 32 * mega && now.reserved <= now.peak + slack, "pieces that fit nothing go back when others come");
  auto [first, last] = std::minmax_element(blocks.begin(), blocks.end());
  expect(residentBytes(*first, *last + 3 * mega - *first) <= now.reserved, "and the system has them");
}

void takesAnySize() {
  HostArena arena;
  void *none = arena.take(0), *other = arena.take(0), *some = arena.take(1);
  expect(none && other && some && none != other && other != some, "blocks of no size are blocks");
  for (size_t size : {SIZE_MAX, SIZE_MAX - 4095, SIZE_MAX / 2, size_t{1} << 46}) {
    expect(!arena.take(size), "sizes beyond the range are refused");
  }
  std::ifstream file("/proc/sys/vm/overcommit_memory");
  if (file.get() != '1') expect(!arena.take(size_t{3} << 40), "more than the machine has is refused");
  int outside;
  expect(!arena.give(&outside) && !arena.give(static_cast<char*>(some) + 1) && !arena.give(nullptr), "foreign pointers");
  expect(arena.give(none) && arena.give(other) && arena.give(some), "and it continues");
  expect(arena.statistics().used == 0 && arena.statistics().peak == 3 * 4096, "what was refused counts for nothing");
}

void passesBlocksBetweenThreads() {
  HostArena arena(mega);
  std::mutex mutex;
  std::vector<Block> shared;
  std::vector<std::thread> threads;
  for (uint64_t thread = 0; thread < 4; thread++) {
    threads.emplace_back([&, thread] {
      std::mt19937_64 random(thread);
      for (uint64_t step = 0; step < 3000; step++) {
        size_t size = anySize(random) % (256 * kilo) + 1;
        Block block{static_cast<char*>(arena.take(size)), size, thread << 32 | step};
        block.write();
        {
          std::lock_guard lock(mutex);
          shared.push_back(block);
          if (shared.size() < 40) continue;
          std::swap(shared[random() % shared.size()], shared.back());
          block = shared.back();
          shared.pop_back();
        }
        expect(block.intact() && arena.give(block.at), "another thread finds a block as it was left");
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (auto& block : shared) expect(block.intact() && arena.give(block.at), "the rest comes back whole");
  expect(arena.statistics().used == 0, "threads count as one");
}

// `body` in a process that may have so many more bytes of addresses.
template <typename Body>
void within(size_t addresses, Body body) {
  pid_t child = fork();
  if (child == 0) {
    size_t pages;
    std::ifstream("/proc/self/statm") >> pages;
    size_t most = pages * 4096 + addresses;
    rlimit limit{most, most};
    setrlimit(RLIMIT_AS, &limit);
    body();
    std::_Exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a process with few addresses ends well");
}

void leavesAddressesToOthers() {
  within(256 * mega, [] {
    HostArena arena;
    expect(!arena.take(mega), "no range, no block");
    expect(arena.statistics().peak == 0, "and no count");
  });
  within(5 * giga, [] {
    HostArena arena;
    size_t blocks = 0;
    while (arena.take(64 * mega)) blocks++;
    expect(blocks >= 16, "a gigabyte of five at least");
    expect(std::malloc(2 * giga), "two remain for others");
    expect(arena.statistics().used == blocks * 64 * mega, "what was refused counts for nothing");
  });
}

}  // namespace

int main() {
  keepsContentsAndCounts();
  joinsWhatIsFree();
  staysBelowThePeak();
  takesAnySize();
  passesBlocksBetweenThreads();
  leavesAddressesToOthers();
  std::printf("ok\n");
}
