// Files of a caller's folder, handed to the run that it calls. In the host.
//
// The message ROBOT_CALL is handled twice: first its files are copied (and shared) to a folder that is to be the called
// run's, beside the loop; then the run is queued with them. Until it is, they are nobody's, and go when it does not come.
#ifndef RENKI_HOST_CALL_FILES_H
#define RENKI_HOST_CALL_FILES_H

#include "host/handlers.h"

struct call_files;
// Begins; `handle` gets the message again with session->handing set. files: [[input, path in the caller's folder], …].
bool call_files_hand(struct session *caller, const struct frame *frame, const struct json *files,
                     message_handler handle);
// Whether they are all there; else why not. FRAME_MALFORMED while they are on their way, or for what no library sends.
bool call_files_handed(const struct call_files *files, struct err *err) MUST_CHECK;
const char *call_files_folder(const struct call_files *files);
// They are that run's from now on.
bool call_files_record(struct call_files *files, int64_t run, struct err *err) MUST_CHECK;

#endif
