// What the parts of one run share. In the worker.
#ifndef RENKI_WORKER_RUN_H
#define RENKI_WORKER_RUN_H

#include "lib/base/err.h"

#include <lua.h>

// In the registry: { number=, attempt=, kind=, robot=, language=, inputs= (JSON), options= (JSON) }.
#define RUN_REGISTRY "renki.run"

// Levels of LOG_LINE.
enum { RUN_LOG_ERROR, RUN_LOG_WARNING, RUN_LOG_INFORMATION, RUN_LOG_DEBUG };

// A line of the run's log, at the robot's line that runs.
void run_log_line(lua_State *L, int64_t level, struct text text);
// The host is gone or does not keep to the protocol: ends the process.
void run_abandon(const struct err *err) __attribute__((noreturn));

// The host said PARK: the run waits for a person, a time or another run. Ends the process; the run starts again at the
// top when it is woken.
void run_park(lua_State *L) __attribute__((noreturn));

#endif
