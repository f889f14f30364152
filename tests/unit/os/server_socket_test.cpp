#include "os/server_socket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "support/temporary_directory.hpp"

namespace mcq::os {
namespace {

using testing::HasSubstr;

/// Calls bind or connect for a socket of that type at a path; 0 or the error number.
int at(int (*call)(int, const sockaddr*, socklen_t), const Fd& fd, const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  return call(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 ? 0 : errno;
}

Fd a_socket(int type = SOCK_STREAM) { return Fd{::socket(AF_UNIX, type | SOCK_CLOEXEC, 0)}; }

class ServerSocketTest : public testing::Test {
 protected:
  /// What listening there fails with; empty when it does not.
  static std::string failure(const std::string& path) {
    const auto socket = ServerSocket::listen(path);
    return socket ? "" : socket.error().message;
  }
  TemporaryDirectory directory_;
  const std::string path_ = directory_ / "api.sock";
};

TEST_F(ServerSocketTest, TakesClientsAndThenNoMore) {
  auto socket = ServerSocket::listen(path_);
  ASSERT_TRUE(socket);
  EXPECT_EQ(socket->accept().error(), EAGAIN);
  const auto client = a_socket();
  ASSERT_EQ(at(::connect, client, path_), 0);
  const auto accepted = socket->accept();
  ASSERT_TRUE(accepted);
  EXPECT_EQ(socket->accept().error(), EAGAIN);
  char byte = 0;
  EXPECT_EQ(::recv(accepted->get(), &byte, 1, 0), -1);  // does not block
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(peer_is_root(accepted->get()), ::geteuid() == 0);
}

TEST_F(ServerSocketTest, WhatIsNoUnixSocketHasNoRootBehindIt) { EXPECT_FALSE(peer_is_root(-1)); }

TEST_F(ServerSocketTest, IsForOwnerAndGroup) {
  const auto before = ::umask(0);
  const auto socket = ServerSocket::listen(path_);
  EXPECT_EQ(::umask(before), 0U);  // as it was
  ASSERT_TRUE(socket);
  struct stat found {};
  ASSERT_EQ(::stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777U, 0660U);
}

TEST_F(ServerSocketTest, TakesThePlaceOfOneThatNobodyAnswersAt) {
  {
    const auto stale = a_socket();
    ASSERT_EQ(at(::bind, stale, path_), 0);
  }
  ASSERT_TRUE(std::filesystem::is_socket(path_));
  EXPECT_TRUE(ServerSocket::listen(path_));
}

TEST_F(ServerSocketTest, LeavesOneThatAnswersAlone) {
  const auto first = ServerSocket::listen(path_);
  ASSERT_TRUE(first);
  EXPECT_EQ(failure(path_), "cannot listen at '" + path_ +
                                "': 'igmp-querier' already answers there: stop it or give another "
                                "--api-socket");
  EXPECT_EQ(at(::connect, a_socket(), path_), 0);
}

TEST_F(ServerSocketTest, LeavesOneAloneThatIsTooBusyToAnswer) {
  const auto busy = a_socket();
  ASSERT_EQ(at(::bind, busy, path_), 0);
  ASSERT_EQ(::listen(busy.get(), 0), 0);
  const auto waiting = a_socket();
  ASSERT_EQ(at(::connect, waiting, path_), 0);
  EXPECT_THAT(failure(path_), HasSubstr("already answers"));
}

TEST_F(ServerSocketTest, LeavesAFileAlone) {
  std::ofstream{path_} << "precious";
  EXPECT_EQ(failure(path_), "cannot listen at '" + path_ +
                                "': a file that is not a socket is there: remove it or give "
                                "another --api-socket");
  EXPECT_EQ(std::filesystem::file_size(path_), 8U);
}

TEST_F(ServerSocketTest, LeavesASocketOfAnotherKindAlone) {
  const auto other = a_socket(SOCK_DGRAM);
  ASSERT_EQ(at(::bind, other, path_), 0);
  EXPECT_THAT(failure(path_), HasSubstr("Address already in use: give another --api-socket"));
  EXPECT_TRUE(std::filesystem::is_socket(path_));
}

TEST_F(ServerSocketTest, NamesWhatIsMissing) {
  const auto path = directory_ / "none/api.sock";
  EXPECT_EQ(failure(path), "cannot listen at '" + path +
                               "': No such file or directory: make its directory or give another "
                               "--api-socket");
}

TEST_F(ServerSocketTest, APathHasALimit) {
  const auto longest = directory_ / std::string(107 - (directory_ / "").size(), 'x');
  ASSERT_EQ(longest.size(), 107U);
  EXPECT_TRUE(ServerSocket::listen(longest));
  EXPECT_THAT(failure(longest + "x"), HasSubstr("has 1 to 107 bytes"));
  EXPECT_THAT(failure(""), HasSubstr("has 1 to 107 bytes"));
}

TEST_F(ServerSocketTest, ItsPathGoesWithIt) {
  {
    auto socket = ServerSocket::listen(path_);
    ASSERT_TRUE(socket);
    const auto moved = std::move(*socket);
    EXPECT_TRUE(std::filesystem::exists(path_));
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ServerSocketTest, ThePathOfItsSuccessorStays) {
  {
    const auto socket = ServerSocket::listen(path_);
    ASSERT_TRUE(socket);
    std::filesystem::remove(path_);
    std::ofstream{path_} << "another's";
  }
  EXPECT_TRUE(std::filesystem::exists(path_));
}

/// Where a TCP socket listens; port 0 has the system choose one.
template <class Name>
Name name_of(const ServerSocket& socket) {
  Name name{};
  socklen_t size = sizeof name;
  EXPECT_EQ(::getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&name), &size), 0);
  return name;
}

template <class Name>
Fd connect_to(const Name& name) {
  const auto& where = reinterpret_cast<const sockaddr&>(name);
  Fd client{::socket(where.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  EXPECT_EQ(::connect(client.get(), &where, sizeof name), 0);
  return client;
}

constexpr Ipv4Address kLoopback{{127, 0, 0, 1}};

TEST(TcpServerSocket, TakesClientsAtItsAddress) {
  auto socket = ServerSocket::listen(kLoopback, 0);
  ASSERT_TRUE(socket);
  const auto name = name_of<sockaddr_in>(*socket);
  EXPECT_EQ(ntohl(name.sin_addr.s_addr), 0x7f000001U);
  const auto client = connect_to(name);
  const auto accepted = socket->accept();
  ASSERT_TRUE(accepted);
  EXPECT_EQ(socket->accept().error(), EAGAIN);
  int no_delay = 0;
  socklen_t size = sizeof no_delay;
  ::getsockopt(accepted->get(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &size);
  EXPECT_EQ(no_delay, 1);
  EXPECT_FALSE(peer_is_root(accepted->get()));  // whoever is at the other end
}

TEST(TcpServerSocket, OfIpv6TakesIpv4WhereItHasNoAddress) {
  auto socket = ServerSocket::listen(Ipv6Address{}, 0);
  ASSERT_TRUE(socket);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = name_of<sockaddr_in6>(*socket).sin6_port;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto client = connect_to(name);
  EXPECT_TRUE(socket->accept());
}

TEST(TcpServerSocket, SaysWhyItCannotListen) {
  const auto first = ServerSocket::listen(kLoopback, 0);
  ASSERT_TRUE(first);
  const auto port = ntohs(name_of<sockaddr_in>(*first).sin_port);
  const auto second = ServerSocket::listen(kLoopback, port);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "cannot listen at 127.0.0.1:" + std::to_string(port) +
                                        ": another program listens there: Address already in use");
  const auto elsewhere = ServerSocket::listen(Ipv4Address{{192, 0, 2, 1}}, 9788);
  ASSERT_FALSE(elsewhere);
  EXPECT_THAT(elsewhere.error().message, HasSubstr("192.0.2.1:9788: this machine does not have"));
}

}  // namespace
}  // namespace mcq::os
