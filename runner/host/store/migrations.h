// The store's schema as numbered steps, each applied once, in a transaction of its own. In the host.
#ifndef RENKI_HOST_MIGRATIONS_H
#define RENKI_HOST_MIGRATIONS_H

#include "host/store/database.h"

// Brings the database to the newest schema. STORE_NEWER when it was made by a later renki.
bool migrations_apply(const struct database_backend *backend, struct database *database,
                      struct err *err) MUST_CHECK;
int64_t migrations_newest(void);

#endif
