// The hosts of a fleet: leases, takeover, fencing. In the host.
//
// Where several hosts share a store (PostgreSQL), each has a row there with a fencing number and a beat:
// 1. It beats every BEAT_MS. Whose beat is older than LEASE_MS, by the database's clock, is gone: whoever sees it first
//    fences it and gives its runs back, in one transaction. Only a host that has had the database itself for a whole
//    lease judges: after an outage nobody takes over from anybody who was only cut off too.
// 2. A host that was declared gone and lives all the same can write nothing any more: HOST_FENCED. It ends its workers
//    without a word about their runs, which are others' by now, and joins again under a new number.
// 3. It asks the store POLL_MS apart what others queued, cancelled or finished.
// On one machine (SQLite) the system knows which process lives: no beat, no timer; only who serves has a row.
#ifndef RENKI_HOST_HOSTS_H
#define RENKI_HOST_HOSTS_H

#include "host/host.h"

struct hosts;

struct hosts *hosts_new(struct host *host);
void hosts_close(struct host *host); // stops its timer; freed by the loop

// The store is open: joins, and gives back the runs of hosts that are gone.
bool hosts_join(struct host *host, struct err *err) MUST_CHECK;
// From now on it serves. HOSTS_WITHOUT_ARTIFACTS.
bool hosts_serve(struct host *host, struct err *err) MUST_CHECK;
void hosts_leave(struct host *host); // it ends
// Whether it may start runs: it is neither fenced nor drained.
bool hosts_may_start(const struct host *host);
// A transaction failed with HOST_FENCED.
void hosts_fenced(struct host *host);
// An administrator's word about this host or another; it is asked to start nothing, or again. HOST_UNKNOWN.
bool hosts_drain(struct host *host, const char *which, bool drained, const char *actor,
                 struct err *err) MUST_CHECK;
bool hosts_write(struct host *host, struct json_writer *out, struct err *err) MUST_CHECK; // for people
// How many others serve the same store; whether any could.
bool hosts_count_others(struct host *host, size_t *count, struct err *err) MUST_CHECK;
bool hosts_are_shared(const struct host *host);

#endif
