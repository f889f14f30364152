#include "client/errors.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "text/printable.hpp"

namespace mcq::client {
namespace {

using boost::system::error_code;
using nlohmann::json;

constexpr std::size_t kMaxEntry = 16384;  ///< bytes of an entry of passwd(5) or group(5)

/// Returns the user or group name for an ID; empty when there is none.
template <class Entry, class Number>
std::string name_of(Number number, int (*look_up)(Number, Entry*, char*, std::size_t, Entry**),
                    char* Entry::*name) {
  std::vector<char> texts(kMaxEntry);
  Entry entry{};
  Entry* found = nullptr;
  if (look_up(number, &entry, texts.data(), texts.size(), &found) != 0 || !found) return "";
  return found->*name;
}

/// The group that may use the socket: its own, or that of its folder when the folder hides it.
/// Empty for root.
std::string group_of(const std::string& path) {
  struct stat about {};
  const auto folder = std::filesystem::path{path}.parent_path();
  if (::stat(path.c_str(), &about) != 0 && ::stat(folder.c_str(), &about) != 0) return "";
  if (about.st_gid == 0) return "";
  return printable(name_of<group>(about.st_gid, ::getgrgid_r, &group::gr_name));
}

/// Whether others should not join a group: it is that of a person, or of nobody.
bool is_private(const std::string& group) {
  constexpr uid_t kFirstPerson = 1000;
  std::vector<char> texts(kMaxEntry);
  passwd entry{};
  passwd* found = nullptr;
  const bool is_user =
      ::getpwnam_r(group.c_str(), &entry, texts.data(), texts.size(), &found) == 0 && found;
  return group == "nogroup" || (is_user && entry.pw_uid >= kFirstPerson);
}

std::string not_allowed(const std::string& path) {
  auto sentence = "not allowed to use " + in_quotes(path) + ": run with sudo";
  const auto group = group_of(path);
  if (is_private(group)) return sentence;
  const auto user = printable(name_of<passwd>(::geteuid(), ::getpwuid_r, &passwd::pw_name));
  if (group.empty() || user.empty()) return sentence;
  return sentence + ", or join the group '" + group + "' (sudo usermod -aG " + group + " " + user +
         ", then log in again)";
}

}  // namespace

std::string in_quotes(const std::string& text) { return "'" + printable(text) + "'"; }

std::string cannot_connect(const std::string& path, const error_code& error) {
  if (error == boost::system::errc::permission_denied ||
      error == boost::system::errc::operation_not_permitted) {
    return not_allowed(path);
  }
  const bool nobody = error == boost::system::errc::connection_refused ||
                      error == boost::system::errc::no_such_file_or_directory ||
                      error == boost::system::errc::not_a_directory;
  return "no igmp-querier answers at " + in_quotes(path) +
         (nobody ? "" : " (" + error.message() + ")") +
         ": start it with sudo systemctl start igmp-querier, or name its socket with --api-socket";
}

Failure<Error> refusal(const std::string& path, unsigned status, const std::string& body) {
  const auto answer = json::parse(body, nullptr, false);
  const auto sentence = answer.is_object() ? answer.find("error") : answer.end();
  if (sentence == answer.end() || !sentence->is_string()) {
    return not_the_api(path, "HTTP status " + std::to_string(status));
  }
  return fail(printable(sentence->get<std::string>()));
}

Failure<Error> not_the_api(const std::string& socket, const std::string& why) {
  return fail("what answers at " + in_quotes(socket) + " is no igmp-querier (" + printable(why) +
              "): name its socket with --api-socket");
}

}  // namespace mcq::client
