#include "cli/daemon_pause.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/system/error_code.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "cli/client.hpp"
#include "client/errors.hpp"
#include "os/socket_option.hpp"

namespace mcq::cli {
namespace {

constexpr timeval kPatience{.tv_sec = 10, .tv_usec = 0};
constexpr std::size_t kMaxAnswer = 16UL * 1024;
constexpr std::string_view kEndOfHead = "\r\n\r\n";

Result<os::Fd> connect(const std::string& path) {
  const auto failed = [&](int error) {
    return fail(client::cannot_connect(path, {error, boost::system::system_category()}));
  };
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return failed(ENAMETOOLONG);
  std::memcpy(address.sun_path, path.data(), path.size());
  os::Fd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (fd.get() < 0) return failed(errno);
  os::set_option(fd.get(), SOL_SOCKET, SO_RCVTIMEO, kPatience);
  os::set_option(fd.get(), SOL_SOCKET, SO_SNDTIMEO, kPatience);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return failed(errno);
  }
  return fd;
}

/// Reads the head of an answer, with what follows up to its end if that is an error.
std::string read_answer(int fd) {
  std::string answer;
  std::array<char, 4096> buffer{};
  while (answer.size() < kMaxAnswer) {
    const bool has_head = answer.find(kEndOfHead) != std::string::npos;
    if (has_head && answer.find(" 200 ") < answer.find("\r\n")) break;
    const auto got = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (got <= 0) break;
    answer.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return answer;
}

/// The number in "HTTP/1.1 200 OK"; 0 for anything else.
unsigned status_of(const std::string& answer) {
  unsigned status = 0;
  constexpr std::string_view kProtocol = "HTTP/1.1 ";
  if (!answer.starts_with(kProtocol)) return 0;
  std::from_chars(answer.data() + kProtocol.size(), answer.data() + answer.size(), status);
  return status;
}

}  // namespace

Result<DaemonPause> DaemonPause::begin(const std::string& socket, const std::string& interface,
                                       Duration time) {
  auto fd = connect(socket);
  if (!fd) return fail(std::move(fd).error());
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(time).count();
  const auto request =
      "POST " +
      target("/v1/pause", {{"interface", interface}, {"seconds", std::to_string(seconds)}}) +
      " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const auto sent = ::send(fd->get(), request.data(), request.size(), MSG_NOSIGNAL);
  const auto answer = read_answer(fd->get());
  const auto status = status_of(answer);
  if (sent < 0 || status == 0) return client::not_the_api(socket, "it does not answer");
  if (status != 200) {
    const auto end = answer.find(kEndOfHead);
    const auto body = end == std::string::npos ? "" : answer.substr(end + kEndOfHead.size());
    return client::refusal(socket, status, body);
  }
  return DaemonPause{*std::move(fd)};
}

}  // namespace mcq::cli
