#include "cli/list.hpp"

#include <CLI/Option.hpp>
#include <CLI/Validators.hpp>

namespace mcq::cli {

void declare_sort(CLI::App& command, std::string& sort, const std::vector<std::string>& words,
                  const std::map<std::string, std::string>& older) {
  const auto from_older = [older](const std::string& word) {
    const auto found = older.find(word);
    return found == older.end() ? word : found->second;
  };
  command.add_option("--sort", sort, "order by this column (default: " + words.front() + ")")
      ->type_name("COLUMN")
      ->transform(from_older)
      ->check(CLI::IsMember(words));
}

}  // namespace mcq::cli
