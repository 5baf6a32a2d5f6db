// What the device was asked to do.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace fake {

struct Counts {
  int64_t uploads = 0;         // that the host waits for
  int64_t asyncUploads = 0;
  int64_t downloads = 0;       // that the host waits for
  int64_t asyncDownloads = 0;
  int64_t deviceCopies = 0;
  int64_t syncs = 0;           // whatever makes the host wait: those copies, values that are asked for, sizes that depend on them
  std::map<std::string, int64_t> launches;
  std::map<std::string, int64_t> waits;  // what the syncs were
};

inline Counts& counts() {
  static Counts all;
  return all;
}

// Whether work is recorded instead of done, and whether something was asked for meanwhile that cannot be.
struct Capture {
  bool recording = false;
  bool spoilt = false;
};

inline Capture& capture() {
  static Capture state;
  return state;
}

}  // namespace fake
