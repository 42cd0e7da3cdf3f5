// The folder that fetches are brought into. In the host.
#ifndef RENKI_HOST_QUARANTINE_H
#define RENKI_HOST_QUARANTINE_H

#define SYNC_QUARANTINE ".renki/sync.git"

// Removes it: the next fetch brings all of it anew. What was refused, or was torn off, must not stay: it would take room,
// and libgit2 reads what it has before it asks for more.
void quarantine_forget(void);

#endif
