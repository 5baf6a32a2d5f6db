// What libtorch's ProcessGroupGloo.hpp names of Gloo, whose headers are in no package of libtorch: declarations that the
// compiler asks for. Nothing of Gloo's memory layout is known here, and none of its functions is called.
#pragma once

#include <chrono>

namespace gloo {

class Context {
 public:
  void setTimeout(std::chrono::milliseconds timeout);
};

namespace transport {

class Device;

class UnboundBuffer {
 public:
  virtual ~UnboundBuffer() = default;
};

}  // namespace transport
}  // namespace gloo
