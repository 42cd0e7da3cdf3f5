// The part of require "text" that reads and writes files of the run's folder.
#ifndef RENKI_WORKER_BIND_TEXT_FILES_H
#define RENKI_WORKER_BIND_TEXT_FILES_H

#include "worker/bind/bind.h"

// Adds read, lines, write and digest to the table on top of the stack.
void text_files_open(lua_State *L);

#endif
