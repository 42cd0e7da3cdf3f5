// What a spool holds of a part, as libzip reads it: compressed already, copied into a package as it is. In the worker.
#ifndef RENKI_SHEET_SPOOL_SOURCE_H
#define RENKI_SHEET_SPOOL_SOURCE_H

#include "lib/sheet/spool.h"

#include <zip.h>

// Both must live until the package is written. NULL as libzip tells.
zip_source_t *spool_source(zip_t *zip, const struct sheet_spool *spool, const struct spooled *part);

#endif
