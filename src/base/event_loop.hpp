#pragma once

/// The event loop, declared alone: the headers of Boost.Asio cost each source file that includes
/// them a second and 100 MiB of memory to compile.
namespace boost::asio {
class io_context;
}
