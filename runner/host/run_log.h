// The log of a run, one JSON object a line, in .renki/logs/RUN.jsonl. In the host.
//
//     {"time_ms":1795340003123,"attempt":1,"level":"information","line":12,"text":"412 rows read"}
//
// At most RUN_LOG_LINES_MAX lines and RUN_LOG_BYTES_MAX bytes; what comes beyond is counted, and the last line says how
// many were left out. Control bytes are escaped by JSON.
#ifndef RENKI_HOST_RUN_LOG_H
#define RENKI_HOST_RUN_LOG_H

#include "lib/json/json.h"

enum { RUN_LOG_LINES_MAX = 100000, RUN_LOG_BYTES_MAX = 10 << 20 };

struct run_log;
// A run without number (a test) has no file. Goes on where an earlier attempt ended. `shared`: other hosts are to have its
// lines too (logs.h); they stay here until run_log_settle.
struct run_log *run_log_open(int64_t run, int64_t attempt, bool shared);
// Writes the "left out" line if there is one to write; nothing is added afterwards.
void run_log_end(struct run_log *log, enum language language);
void run_log_close(struct run_log *log, enum language language); // accepts NULL
// Appends the line as JSON to `line` (for those who watch) and to the file; false when it is left out.
bool run_log_add(struct run_log *log, struct buf *line, int64_t level, int64_t robot_line, struct text text);
// Whole lines that no other host has yet, at most LOG_PIECE_MAX; they are on their way then. "": none.
enum { LOG_PIECE_MAX = 1 << 18 };
struct text run_log_take(struct run_log *log);
bool run_log_has_unsent(const struct run_log *log);
// What was taken is there, or (false) is to be taken again.
void run_log_settle(struct run_log *log, bool there);
char *run_log_path(int64_t run);
const char *run_log_level_name(int64_t level); // "error" … ; NULL when there is none

#endif
