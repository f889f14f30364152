#pragma once

namespace mcq::app {

/// Whether standard error goes to the systemd journal, that is, we run as a service.
bool under_systemd();

/// Sets up the log: the journal with its priorities when run by systemd, else lines with the time
/// on standard error, coloured on a terminal. Verbose adds a line per query sent, and per join
/// and leave.
void start_log(bool verbose);

struct Happening;
/// Logs it; in the journal with a field for each of its details.
void log(const Happening& happening);
/// Whether the log takes what has priority kDebug.
bool logs_details();

}  // namespace mcq::app
