#include "os/firewall_rules.hpp"

#include <cap-ng.h>
#include <nftables/libnftables.h>

#include <memory>

#include "os/shared_library.hpp"

namespace mcq::os {

Result<std::string> firewall_rules() {
  // The library would say it itself, on standard error.
  if (capng_get_caps_process() != 0 || capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN) != 1) {
    return fail("run with sudo");
  }
  void* handle = load_library("libnftables.so.1");
  if (handle == nullptr) {
    return fail("cannot load libnftables.so.1: install the package libnftables1");
  }
  auto* make = find_function<decltype(::nft_ctx_new)>(handle, "nft_ctx_new");
  auto* free = find_function<decltype(::nft_ctx_free)>(handle, "nft_ctx_free");
  auto* set_flags =
      find_function<decltype(::nft_ctx_output_set_flags)>(handle, "nft_ctx_output_set_flags");
  auto* keep_output =
      find_function<decltype(::nft_ctx_buffer_output)>(handle, "nft_ctx_buffer_output");
  auto* keep_errors =
      find_function<decltype(::nft_ctx_buffer_error)>(handle, "nft_ctx_buffer_error");
  auto* output =
      find_function<decltype(::nft_ctx_get_output_buffer)>(handle, "nft_ctx_get_output_buffer");
  auto* run = find_function<decltype(::nft_run_cmd_from_buffer)>(handle, "nft_run_cmd_from_buffer");
  if (make == nullptr || free == nullptr || set_flags == nullptr || keep_output == nullptr ||
      keep_errors == nullptr || output == nullptr || run == nullptr) {
    return fail("libnftables.so.1 lacks functions: another version is needed");
  }
  const std::unique_ptr<nft_ctx, decltype(free)> context{make(NFT_CTX_DEFAULT), free};
  if (!context) return fail("cannot use libnftables: out of memory");
  set_flags(context.get(),
            NFT_CTX_OUTPUT_JSON | NFT_CTX_OUTPUT_TERSE);  // without the elements of named sets
  keep_output(context.get());
  keep_errors(context.get());
  if (run(context.get(), "list ruleset") != 0) {
    return fail("libnftables cannot read them");
  }
  return std::string{output(context.get())};
}

}  // namespace mcq::os
