// Sums, copies and gathers between processes, by libtorch's own c10d: a TCPStore to meet at, and Gloo. Called directly: its
// boxed operators are not in libtorch 1.13, and have changed since. A binding of its own, compiled and loaded where a
// training has several processes.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <napi.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <torch/version.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <future>
#include <map>
#include <stdexcept>

#include "group-thread.h"

namespace csl {
namespace {

using Info = Napi::CallbackInfo;

struct Group {
  explicit Group(Napi::Env env) : thread(env) {}

  GroupThread thread;
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
  int rank = 0;
  int size = 1;
};

// Never freed but by `close`: at the end of a process their threads may still wait for a rank that is gone.
std::map<uint32_t, Group*>& groups() {
  static auto* map = new std::map<uint32_t, Group*>();
  return *map;
}

Group& groupOf(const Info& info) {
  auto found = groups().find(info[0].As<Napi::Number>().Uint32Value());
  if (found == groups().end()) throw std::runtime_error("this group is closed");
  return *found->second;
}

// Absent before libtorch 2. Node has a libuv of its own, whose symbols take precedence over that in libtorch.
template <typename Options>
void withoutLibuv(Options& options) {
  if constexpr (requires { options.useLibUV; }) options.useLibUV = false;
}

// connect({ rank, size, host, port, serves, timeout, prefix, address }): timeout in milliseconds, address is where this
// process listens. → Promise of the group's number
Napi::Value connect(const Info& info) {
  auto env = info.Env();
  auto given = info[0].As<Napi::Object>();
  auto number = [&](const char* name) { return given.Get(name).ToNumber().Int64Value(); };
  auto text = [&](const char* name) { return given.Get(name).ToString().Utf8Value(); };
  static uint32_t last = 0;
  uint32_t id = ++last;
  auto* group = new Group(env);
  groups().emplace(id, group);
  group->rank = static_cast<int>(number("rank"));
  group->size = static_cast<int>(number("size"));
  auto job = std::make_unique<Job>(env);
  job->work = [group, host = text("host"), port = number("port"), serves = given.Get("serves").ToBoolean().Value(),
               timeout = std::chrono::milliseconds(number("timeout")), prefix = text("prefix"), address = text("address")] {
    c10d::TCPStoreOptions options;
    options.port = static_cast<uint16_t>(port);
    options.isServer = serves;
    options.numWorkers = group->size;
    options.waitWorkers = false;
    options.timeout = timeout;
    options.multiTenant = true;
    withoutLibuv(options);
    group->store = c10::make_intrusive<c10d::PrefixStore>(prefix, c10::make_intrusive<c10d::TCPStore>(host, options));
    group->store->setTimeout(timeout);
    auto gloo = c10d::ProcessGroupGloo::Options::create(timeout);
    gloo->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname(address));
    gloo->threads = 1;
    group->gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(group->store, group->rank, group->size, gloo);
    // Connections are made at first use, where a rank that died before would be waited for without an end.
    group->gloo->barrier()->wait();
  };
  job->result = [id](Napi::Env env) { return Napi::Number::New(env, id); };
  return group->thread.submit(env, std::move(job));
}

// A typed array's memory, or a tensor of the torch engine (shareTensor in tensors.cc).
at::Tensor tensorOf(const Napi::Value& value, Job& job) {
  if (value.IsExternal()) {
    // Taken out: what JavaScript holds lives until its garbage is collected, long after the engine has freed the tensor.
    auto tensor = std::move(*value.As<Napi::External<at::Tensor>>().Data());
    if (!tensor.is_contiguous()) throw std::runtime_error("expected a tensor whose numbers lie one behind the other");
    return tensor;
  }
  auto array = value.As<Napi::TypedArray>();
  auto type = array.TypedArrayType();
  auto scalar = type == napi_float64_array ? at::kDouble : type == napi_float32_array ? at::kFloat : at::kByte;
  auto elements = scalar == at::kByte ? array.ByteLength() : array.ElementLength();
  job.held.push_back(Napi::Persistent(array.As<Napi::Object>()));
  void* bytes = nullptr;
  napi_get_typedarray_info(array.Env(), array, nullptr, nullptr, &bytes, nullptr, nullptr);
  return at::from_blob(bytes, {static_cast<int64_t>(elements)}, at::TensorOptions().dtype(scalar));
}

// Gloo computes in host memory; a tensor on a device goes there and back.
template <typename Work>
void onHost(const at::Tensor& tensor, Work work) {
  std::vector<at::Tensor> host{tensor.is_cpu() ? tensor : tensor.cpu()};
  work(host);
  // The engine makes its tensors in this mode, and they are written to in it alone; c10d's own copies are not made in it.
  c10::InferenceMode guard;
  if (!tensor.is_cpu()) tensor.copy_(host[0]);
}

// allReduce(group, array or tensor): the sum over the ranks, in place
Napi::Value allReduce(const Info& info) {
  auto& group = groupOf(info);
  auto job = std::make_unique<Job>(info.Env());
  job->work = [&group, tensor = tensorOf(info[1], *job)] {
    onHost(tensor, [&](auto& host) { group.gloo->allreduce(host)->wait(); });
  };
  return group.thread.submit(info.Env(), std::move(job));
}

// allReduceNow(group, array): the same, and JavaScript waits for it, in its turn among the others
Napi::Value allReduceNow(const Info& info) {
  auto& group = groupOf(info);
  auto job = std::make_unique<Job>(info.Env());
  auto done = std::make_shared<std::promise<void>>();
  job->work = [&group, done, tensor = tensorOf(info[1], *job)] {
    try {
      onHost(tensor, [&](auto& host) { group.gloo->allreduce(host)->wait(); });
      done->set_value();
    } catch (const c10::Error& error) {
      done->set_exception(std::make_exception_ptr(std::runtime_error(error.what_without_backtrace())));
    } catch (const std::exception& error) {
      done->set_exception(std::make_exception_ptr(std::runtime_error(error.what())));
    }
  };
  group.thread.submit(info.Env(), std::move(job));
  done->get_future().get();
  return info.Env().Undefined();
}

// broadcast(group, array or tensor, root): root's numbers, in place
Napi::Value broadcast(const Info& info) {
  auto& group = groupOf(info);
  auto job = std::make_unique<Job>(info.Env());
  c10d::BroadcastOptions options;
  options.rootRank = info[2].As<Napi::Number>().Int64Value();
  job->work = [&group, options, tensor = tensorOf(info[1], *job)] {
    onHost(tensor, [&](auto& host) { group.gloo->broadcast(host, options)->wait(); });
  };
  return group.thread.submit(info.Env(), std::move(job));
}

// The number of bytes that each rank has.
std::vector<int64_t> sizesOf(Group& group, int64_t own) {
  std::vector<at::Tensor> input{at::full({1}, own, at::kLong)};
  std::vector<std::vector<at::Tensor>> output(1);
  for (int rank = 0; rank < group.size; rank++) output[0].push_back(at::empty({1}, at::kLong));
  group.gloo->allgather(output, input)->wait();
  std::vector<int64_t> sizes;
  for (auto& size : output[0]) sizes.push_back(size.template item<int64_t>());
  return sizes;
}

// gather(group, bytes, root) → at root each rank's bytes, elsewhere undefined
Napi::Value gather(const Info& info) {
  auto env = info.Env();
  auto& group = groupOf(info);
  auto job = std::make_unique<Job>(env);
  auto root = info[2].As<Napi::Number>().Int64Value();
  auto sizes = std::make_shared<std::vector<int64_t>>();
  auto parts = std::make_shared<std::vector<at::Tensor>>();
  job->work = [&group, root, sizes, parts, own = tensorOf(info[1], *job)] {
    *sizes = sizesOf(group, own.numel());
    // Gloo's parts are of one size.
    auto longest = std::max<int64_t>(1, *std::max_element(sizes->begin(), sizes->end()));
    std::vector<at::Tensor> input{at::zeros({longest}, at::kByte)};
    input[0].narrow(0, 0, own.numel()).copy_(own);
    std::vector<std::vector<at::Tensor>> output;
    if (group.rank == root) {
      for (int rank = 0; rank < group.size; rank++) parts->push_back(at::empty({longest}, at::kByte));
      output.push_back(*parts);
    }
    c10d::GatherOptions options;
    options.rootRank = root;
    group.gloo->gather(output, input, options)->wait();
  };
  job->result = [sizes, parts](Napi::Env env) -> Napi::Value {
    if (parts->empty()) return env.Undefined();
    auto list = Napi::Array::New(env, parts->size());
    for (size_t rank = 0; rank < parts->size(); rank++) {
      auto bytes = Napi::Uint8Array::New(env, static_cast<size_t>((*sizes)[rank]));
      std::memcpy(bytes.Data(), (*parts)[rank].data_ptr(), bytes.ByteLength());
      list.Set(static_cast<uint32_t>(rank), bytes);
    }
    return list;
  };
  return group.thread.submit(env, std::move(job));
}

Napi::Value barrier(const Info& info) {
  auto& group = groupOf(info);
  auto job = std::make_unique<Job>(info.Env());
  job->work = [&group] { group.gloo->barrier()->wait(); };
  return group.thread.submit(info.Env(), std::move(job));
}

// close(group): no more is asked of it
Napi::Value close(const Info& info) {
  auto id = info[0].As<Napi::Number>().Uint32Value();
  auto& group = groupOf(info);
  groups().erase(id);
  auto job = std::make_unique<Job>(info.Env());
  job->last = true;
  job->work = [&group] {
    group.gloo.reset();
    group.store.reset();
  };
  return group.thread.submit(info.Env(), std::move(job));
}

Napi::Value guarded(const Info& info) {
  auto function = reinterpret_cast<Napi::Value (*)(const Info&)>(info.Data());
  try {
    return function(info);
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Napi::Error::New(info.Env(), error.what());
  }
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("version", Napi::String::New(env, TORCH_VERSION));
  auto add = [&](const char* name, Napi::Value (*function)(const Info&)) {
    exports.Set(name, Napi::Function::New(env, guarded, name, reinterpret_cast<void*>(function)));
  };
  add("connect", connect);
  add("allReduce", allReduce);
  add("allReduceNow", allReduceNow);
  add("broadcast", broadcast);
  add("gather", gather);
  add("barrier", barrier);
  add("close", close);
  return exports;
}

}  // namespace

NODE_API_MODULE(csl_distributed, init)

}  // namespace csl
