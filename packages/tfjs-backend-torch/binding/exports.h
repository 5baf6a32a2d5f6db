// How a part of the binding offers its functions: beside their definition, without addon.cc knowing of them.
//
//   static const Export exported("upload", upload);
#pragma once

#include <napi.h>

#include <vector>

namespace csl {

using Function = Napi::Value (*)(const Napi::CallbackInfo&);

struct Export {
  const char* name;
  Function function;

  Export(const char* name, Function function) : name(name), function(function) { all().push_back(*this); }

  static std::vector<Export>& all() {
    static std::vector<Export> list;
    return list;
  }
};

}  // namespace csl
