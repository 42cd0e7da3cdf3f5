// What a run was given, in the folder that all hosts reach (the setting `artifacts`). In the host.
//
// A run's input files are copied to artifacts/inputs/FOLDER before its row is there, FOLDER being the name of its own
// folder. A host that takes it over has no such folder, makes one and fetches them.
#ifndef RENKI_HOST_SHARED_H
#define RENKI_HOST_SHARED_H

#include "host/session.h"

// Nothing without that setting.
bool shared_keep(const struct session *session, struct err *err) MUST_CHECK;
// Into the session's new folder. RUN_FOLDER_GONE when they are not there or not what the run was given.
bool shared_fetch(struct session *session, struct err *err) MUST_CHECK;
void shared_forget(const struct session *session); // the run will never go on

#endif
