// What ended a run, as JSON in the shape that workers give their own faults. In the host.
#ifndef RENKI_HOST_FAULT_H
#define RENKI_HOST_FAULT_H

#include "lib/json/json.h"

struct session;

// All results are the caller's.
char *fault_of(const struct err *err, enum language language);
// A limit or a signal, by the name that STOPPED gives it ("memory", "cpu", "time" …); line 0: not known.
char *fault_of_stop(const struct session *session, const char *what, int64_t value, struct text source,
                    int64_t line);
// A worker's own, with the files that the run was given under the names that people know: it knows them by where they lie
// in its folder.
char *fault_as_given(const struct session *session, struct text fault);
// A text in it: "class" is "bug", "failure" …; "" for none.
char *fault_member(const char *fault, const char *key);

#endif
