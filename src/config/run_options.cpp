#include "config/run_options.hpp"

namespace mcq::config {

Result<ProtocolSettings> settings_for(const std::string& name, const RunOptions& options,
                                      const Config& config) {
  return make_protocol_settings_in_use(options.choices.over(config.options_for(name)));
}

Result<Ok> check(const RunOptions& options, const Config& config) {
  std::vector<std::string> names = options.interfaces;
  if (names.empty()) {
    for (const auto& rule : config.interfaces) names.push_back(rule.pattern);
  }
  if (names.empty()) names.emplace_back();  // the default route's, which no table names
  for (const auto& name : names) {
    const auto protocols = settings_for(name, options, config);
    if (protocols) continue;
    const bool both = options.choices != ProtocolOptions{} && config != Config{};
    const auto* table = config.table_of(name);
    return fail((both ? "command line and configuration file together: " : "") +
                (table != nullptr ? table->title() + ": " : "") + protocols.error().message);
  }
  return Ok{};
}

}  // namespace mcq::config
