// A recording: calls with the tensors that they had, which a replay computes again into the same memory. A GPU computes nothing
// while it is made; here it must be computed, or shapes would not be known, and is undone at the end.
#pragma once

#include <memory>

#include "operators.h"

namespace fake {

struct Graph {
  std::vector<std::function<void()>> calls;
  std::vector<std::function<void()>> undo;
};

inline std::map<uint32_t, Graph>& graphs() {
  static auto* all = new std::map<uint32_t, Graph>();
  return *all;
}
inline Graph& recording() {
  static Graph one;
  return one;
}

inline void poison(const at::Tensor& t) {
  if (t.defined() && t.numel() > 0) std::memset(Memory::one().open(t.data_ptr()), 0xff, t.nbytes());
}

inline void willChange(const at::Tensor& t) {
  recording().undo.push_back([t, old = opened(t).clone()] {
    if (t.sizes() == old.sizes()) opened(t).copy_(old);
  });
}

inline Values record(const std::shared_ptr<Call>& call) {
  bool inPlace = false;
  call->eachWritten([&](const at::Tensor& t) {
    inPlace = true;
    willChange(t);
  });
  auto results = call->place(call->compute());
  if (!call->writesAnything()) return results;
  if (!inPlace)
    recording().undo.push_back([results] {
      for (const auto& value : results) eachTensor(value, poison);
    });
  recording().calls.push_back([call, results] { call->repeat(results); });
  return results;
}

inline void beginGraph() {
  TORCH_CHECK(!capture().recording, "another graph is being recorded");
  Streams::one().finish(currentStream);
  capture() = {true, false};
  recording() = {};
}

inline uint32_t endGraph() {
  static uint32_t last = 0;
  bool spoilt = capture().spoilt;
  capture() = {};
  auto done = std::move(recording());
  recording() = {};
  for (auto undo = done.undo.rbegin(); undo != done.undo.rend(); ++undo) (*undo)();
  done.undo.clear();
  TORCH_CHECK(!spoilt, "operation failed due to a previous error during capture");
  graphs()[++last] = std::move(done);
  return last;
}

inline void replayGraph(uint32_t id) {
  c10::InferenceMode guard;
  Streams::one().throwFault();
  Streams::one().finish(currentStream);
  counts().launches["graph"]++;
  for (auto& call : graphs().at(id).calls) call();
}

}  // namespace fake
