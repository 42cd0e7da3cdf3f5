// See run_log.h.
#include "host/run_log.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LINE_MAX_BYTES = 6 * 8192 + 200, // every byte of a line may need an escape
    UNSENT_MAX = RUN_LOG_BYTES_MAX + 2 * LINE_MAX_BYTES
};

struct run_log {
    int fd; // -1 until the first line: a run that says nothing makes no file
    int64_t run, attempt, lines, bytes, left_out;
    bool shared;
    struct buf unsent;
    size_t taken; // bytes of it that are on their way
};

static const char *const levels[] = {"error", "warning", "information", "debug"};

const char *run_log_level_name(int64_t level)
{
    return level >= 0 && level < (int64_t)COUNT_OF(levels) ? levels[level] : NULL;
}

char *run_log_path(int64_t run)
{
    return xasprintf(".renki/logs/%lld.jsonl", (long long)run);
}

struct run_log *run_log_open(int64_t run, int64_t attempt, bool shared)
{
    struct run_log *log = xcalloc(1, sizeof *log);
    *log = (struct run_log){.fd = -1,
                            .run = run,
                            .attempt = attempt,
                            .shared = shared && run >= 0,
                            .unsent = buf_new(UNSENT_MAX)};
    return log;
}

static bool open_file(struct run_log *log)
{
    if (log->fd >= 0 || log->run < 0)
        return log->fd >= 0;
    SCOPED_TEXT char *path = run_log_path(log->run);
    struct stat status;
    log->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (log->fd >= 0 && fstat(log->fd, &status) == 0)
        log->bytes = status.st_size;
    return log->fd >= 0;
}

static bool write_line(const struct run_log *log, struct buf *line, int64_t level, int64_t robot_line,
                       struct text text)
{
    struct json_writer writer = json_writer_new(line);
    json_begin_object(&writer);
    json_write_key(&writer, "time_ms");
    json_write_integer(&writer, clock_realtime_ms());
    json_write_key(&writer, "attempt");
    json_write_integer(&writer, log->attempt);
    json_write_key(&writer, "level");
    json_write_string(&writer, levels[level]);
    json_write_key(&writer, "line");
    json_write_integer(&writer, robot_line);
    json_write_key(&writer, "text");
    json_write_lossy(&writer, text);
    json_end_object(&writer);
    return json_writer_done(&writer);
}

static void append(struct run_log *log, struct text line)
{
    SCOPED_BUF(whole, LINE_MAX_BYTES + 1);
    if (!open_file(log) || !buf_append_text(&whole, line) || !buf_append_char(&whole, '\n'))
        return;
    if (write(log->fd, whole.data, whole.length) != (ssize_t)whole.length)
        log_error("run.log", "write failed");
    if (log->shared && !buf_append_text(&log->unsent, buf_text(&whole)))
        log_error("run.log", "run=%lld too much is on its way", (long long)log->run);
    log->bytes += (int64_t)whole.length;
}

bool run_log_add(struct run_log *log, struct buf *line, int64_t level, int64_t robot_line, struct text text)
{
    if (log->left_out > 0 || log->lines >= RUN_LOG_LINES_MAX || log->bytes >= RUN_LOG_BYTES_MAX) {
        log->left_out++;
        return false;
    }
    log->lines++;
    if (!write_line(log, line, level, robot_line, text))
        return false;
    append(log, buf_text(line));
    return true;
}

bool run_log_has_unsent(const struct run_log *log)
{
    return log->unsent.length > log->taken;
}

struct text run_log_take(struct run_log *log)
{
    const char *from = log->unsent.data + log->taken;
    size_t length = log->unsent.length - log->taken;
    if (length > LOG_PIECE_MAX)
        for (length = LOG_PIECE_MAX; from[length - 1] != '\n'; length--)
            ; // a line is shorter
    log->taken += length;
    return length ? text_of(from, length) : TEXT_OF("");
}

void run_log_settle(struct run_log *log, bool there)
{
    if (there)
        buf_consume(&log->unsent, log->taken);
    log->taken = 0;
}

void run_log_end(struct run_log *log, enum language language)
{
    if (!log || log->left_out == 0)
        return;
    SCOPED_BUF(text, 400);
    SCOPED_BUF(line, LINE_MAX_BYTES);
    if (phrase_append(&text, language, PHRASE_LOG_LEFT_OUT, N(log->left_out)) &&
        write_line(log, &line, 1, 0, buf_text(&text)))
        append(log, buf_text(&line));
    log->left_out = 0;
}

void run_log_close(struct run_log *log, enum language language)
{
    if (!log)
        return;
    run_log_end(log, language);
    if (log->fd >= 0)
        close(log->fd);
    buf_dispose(&log->unsent);
    xfree(log);
}
