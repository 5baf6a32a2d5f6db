// Every collective of a group runs on one thread of the group's own, in the order in which JavaScript asked for it: that is
// the order on all ranks, and neither JavaScript nor Node's pool of threads waits.
#pragma once

#include <napi.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace csl {

struct Job {
  explicit Job(Napi::Env env) : deferred(Napi::Promise::Deferred::New(env)) {}

  std::function<void()> work;
  // What the promise gives, made on JavaScript's thread; undefined without it.
  std::function<Napi::Value(Napi::Env)> result;
  Napi::Promise::Deferred deferred;
  // Arrays whose memory `work` uses.
  std::vector<Napi::ObjectReference> held;
  std::string error;
  bool last = false;
};

class GroupThread {
 public:
  explicit GroupThread(Napi::Env env);

  // Node lives as long as a job is under way.
  Napi::Promise submit(Napi::Env env, std::unique_ptr<Job> job);

 private:
  void run();
  void settle(Napi::Env env, std::unique_ptr<Job> job);

  Napi::ThreadSafeFunction settled_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::unique_ptr<Job>> jobs_;
  std::mutex calling_;
  bool closed_ = false;  // of calling_
  int pending_ = 0;  // of JavaScript's thread
};

}  // namespace csl
