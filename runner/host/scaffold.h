// The files that a new workspace and a new robot begin with. In the host.
#ifndef RENKI_HOST_SCAFFOLD_H
#define RENKI_HOST_SCAFFOLD_H

#include "lib/json/json.h"

// Writes the files below the current folder that are not there yet, and their names as a JSON array.
// ROBOT_NAME, ROBOT_EXISTS.
bool scaffold_robot(struct json_writer *out, const char *robot, struct err *err) MUST_CHECK;
// `user` is who runs renki when it is started as root; NULL for none.
bool scaffold_workspace(struct json_writer *out, const char *user, struct err *err) MUST_CHECK;
extern const char *const scaffold_workspace_files[]; // ended by NULL

#endif
