#pragma once

#include <cstdint>
#include <functional>

namespace mcq::monitor {

/// Whether standard error goes to the systemd journal, that is, we run as a service.
bool under_systemd();

/// Sets up the log: the journal with its priorities when run by systemd, else lines with the time
/// on standard error, coloured on a terminal. Verbose adds a line per query sent, and per join
/// and leave.
///
/// Logging never waits for a reader. What one does not take at once is kept, and written by
/// flush_log() or with the next line; beyond 1 MiB lines are lost, and a line says how many.
void start_log(bool verbose);

struct EventRecord;
/// Logs a record; does nothing before start_log(). In the journal, each detail is a field.
void log(const EventRecord& record);
/// Whether records of priority kDebug are logged.
bool logs_details();
/// Number of lines lost so far.
std::uint64_t log_lines_lost();
/// Writes the lines that were kept. Returns whether none is left.
bool flush_log();
/// Sets the function to call whenever a line is kept, so that an event loop can flush; empty for
/// none.
void call_when_log_is_kept(std::function<void()> call);
/// Flushes kept lines for at most 0.2 s. Call at the end of the process.
void finish_log();

}  // namespace mcq::monitor
