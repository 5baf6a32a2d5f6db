#include "group-thread.h"

#include <c10/util/Exception.h>

namespace csl {

GroupThread::GroupThread(Napi::Env env)
    : settled_(Napi::ThreadSafeFunction::New(env, Napi::Function::New(env, [](const Napi::CallbackInfo&) {}), "csl-group", 0, 1)) {
  settled_.Unref(env);
  // At the end of the process Node frees what the thread calls. Hooks run in the reverse order: before it does.
  auto close = [](void* self) {
    auto& thread = *static_cast<GroupThread*>(self);
    std::lock_guard lock(thread.calling_);
    thread.closed_ = true;
  };
  napi_add_env_cleanup_hook(env, close, this);
  // Not joined: a collective that waits for a dead rank must not keep the process from ending.
  std::thread([this] { run(); }).detach();
}

Napi::Promise GroupThread::submit(Napi::Env env, std::unique_ptr<Job> job) {
  if (pending_++ == 0) settled_.Ref(env);
  auto promise = job->deferred.Promise();
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  ready_.notify_one();
  return promise;
}

void GroupThread::run() {
  for (bool last = false; !last;) {
    std::unique_ptr<Job> job;
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return !jobs_.empty(); });
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    last = job->last;
    try {
      job->work();
    } catch (const c10::Error& error) {
      job->error = error.what_without_backtrace();
    } catch (const std::exception& error) {
      job->error = error.what();
    }
    job->work = nullptr;
    auto* done = job.release();
    std::lock_guard lock(calling_);
    // The environment is going away: the promise, which belongs to it, is left alone.
    if (closed_) return;
    auto status = settled_.BlockingCall(done, [this](Napi::Env env, Napi::Function, Job* job) { settle(env, std::unique_ptr<Job>(job)); });
    if (status != napi_ok) return;
  }
}

void GroupThread::settle(Napi::Env env, std::unique_ptr<Job> job) {
  if (--pending_ == 0) settled_.Unref(env);
  // Here, not on the thread: it may be late, when Node has freed it.
  if (job->last) settled_.Release();
  if (!job->error.empty()) {
    job->deferred.Reject(Napi::Error::New(env, job->error).Value());
  } else {
    job->deferred.Resolve(job->result ? job->result(env) : env.Undefined());
  }
}

}  // namespace csl
