// See run_log.h.
#include "host/run_log.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 6 * 8192 + 200 }; // every byte of a line may need an escape

struct run_log {
    int fd; // -1 until the first line: a run that says nothing makes no file
    int64_t run, attempt, lines, bytes, left_out;
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

struct run_log *run_log_open(int64_t run, int64_t attempt)
{
    struct run_log *log = xcalloc(1, sizeof *log);
    *log = (struct run_log){.fd = -1, .run = run, .attempt = attempt};
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

void run_log_close(struct run_log *log, enum language language)
{
    if (!log)
        return;
    if (log->left_out > 0) {
        SCOPED_BUF(text, 400);
        SCOPED_BUF(line, LINE_MAX_BYTES);
        if (phrase_append(&text, language, PHRASE_LOG_LEFT_OUT, N(log->left_out)) &&
            write_line(log, &line, 1, 0, buf_text(&text)))
            append(log, buf_text(&line));
    }
    if (log->fd >= 0)
        close(log->fd);
    xfree(log);
}
