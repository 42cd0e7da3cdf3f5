// Where things are on this machine. In the host.
#ifndef RENKI_HOST_PLACES_H
#define RENKI_HOST_PLACES_H

#include "lib/manifest/manifest.h"

// The robots' standard library: beside the installed binary, or in the source tree it was built from. NULL: nowhere.
char *place_of_stdlib(void);
// The gateway's private key: as the settings say, else the credential renki.gateway.key that systemd gave
// (`credentials`: its folder; NULL), else .local/share/renki/gateway.key in the user's home folder.
// Never inside the workspace, so that no backup of it holds the key.
char *place_of_key(const struct settings *settings, const char *credentials);
// The workspace's own database file, or the server that the settings name (borrowed). STORE_ADDRESS for what is neither.
#define PLACE_OF_STORE_FILE ".renki/store.sqlite"
bool place_of_store(const char **out, const struct settings *settings, struct err *err) MUST_CHECK;
// How many runs at a time: as the settings say, else four for each core.
size_t places_for_runs(const struct settings *settings, long cores);

#endif
