// Where a PostgreSQL server is and how it is reached, as in renki.lua: an address that libpq understands. In the host.
//
// 1. What the address does not say is set here: TLS with a checked certificate for every server that is not this
//    machine (sslmode=verify-full), the system's certificates as its roots, no wait without end.
// 2. After the first connection all that was found is kept: the addresses of names, what service and password files
//    said. From then on only certificates are read.
#ifndef RENKI_HOST_POSTGRES_ADDRESS_H
#define RENKI_HOST_POSTGRES_ADDRESS_H

#include "host/store/database.h"

#include <libpq-fe.h>

struct postgres_address;

// NULL and STORE_ADDRESS for what libpq does not understand; its own words could hold the password, so they are not told.
struct postgres_address *postgres_address_new(const char *where, struct err *err) MUST_CHECK;
void postgres_address_free(struct postgres_address *address);
PGconn *postgres_address_connect(const struct postgres_address *address); // begins to
void postgres_address_found(struct postgres_address *address, PGconn *connection);
const char *postgres_address_shown(const struct postgres_address *address);
const struct store_reach *postgres_address_reach(const struct postgres_address *address);

#endif
