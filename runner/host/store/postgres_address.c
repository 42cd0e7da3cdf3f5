// See postgres_address.h.
#include "host/store/postgres_address.h"

#include "host/store/store.h"
#include "lib/base/buf.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

enum { OPTIONS_MAX = 64, HOSTS_MAX = 16, LIST_MAX = 8192, PORT_DEFAULT = 5432 };
#define SYSTEM_ROOTS "/etc/ssl/certs/ca-certificates.crt"

struct postgres_address {
    char *names[OPTIONS_MAX + 1], *values[OPTIONS_MAX + 1]; // ended by NULL
    size_t count;
    bool found;
    char *shown, *own_certificates; // ~/.postgresql
    struct store_reach reach;
};

static const char *value(const struct postgres_address *address, const char *name)
{
    for (size_t i = 0; i < address->count; i++)
        if (strcmp(address->names[i], name) == 0)
            return address->values[i];
    return NULL;
}

static void set(struct postgres_address *address, const char *name, const char *to)
{
    for (size_t i = 0; i < address->count; i++)
        if (strcmp(address->names[i], name) == 0) {
            char *old = address->values[i];
            address->values[i] = xstrdup(to);
            memory_wipe(old, strlen(old));
            xfree(old);
            return;
        }
    require(address->count < OPTIONS_MAX);
    address->names[address->count] = xstrdup(name);
    address->values[address->count++] = xstrdup(to);
}

static void set_default(struct postgres_address *address, const char *name, const char *to)
{
    if (!value(address, name))
        set(address, name, to);
}

static void take_options(struct postgres_address *address, const PQconninfoOption *options)
{
    for (; options->keyword; options++)
        if (options->val && options->val[0])
            set(address, options->keyword, options->val);
}

static void forget_options(struct postgres_address *address)
{
    for (size_t i = 0; i < address->count; i++) {
        memory_wipe(address->values[i], strlen(address->values[i]));
        xfree(address->names[i]);
        xfree(address->values[i]);
        address->names[i] = address->values[i] = NULL;
    }
    address->count = 0;
}

static bool is_socket(struct text host)
{
    return !host.length || host.data[0] == '/' || host.data[0] == '@';
}

static bool is_this_machine(struct text host)
{
    return is_socket(host) || text_is(host, "localhost") || text_starts(host, "127.") || text_is(host, "::1");
}

static bool all_are_this_machine(const char *hosts)
{
    struct text rest = text_from(hosts ? hosts : ""), host;
    while (text_cut(&rest, ',', &host))
        if (!is_this_machine(host))
            return false;
    return true;
}

// What the environment, a service file or the address itself says comes first.
static void set_tls(struct postgres_address *address)
{
    const char *hosts = value(address, "host");
    if (value(address, "service") || getenv("PGSERVICE"))
        return;
    if (!getenv("PGSSLMODE") && !all_are_this_machine(hosts ? hosts : value(address, "hostaddr")))
        set_default(address, "sslmode", "verify-full");
    SCOPED_TEXT char *own = xasprintf("%s/root.crt", address->own_certificates);
    const char *mode = value(address, "sslmode");
    if (mode && text_starts(text_from(mode), "verify") && !getenv("PGSSLROOTCERT") && access(own, R_OK) != 0)
        set_default(address, "sslrootcert", SYSTEM_ROOTS);
}

static void set_defaults(struct postgres_address *address)
{
    set_tls(address);
    set(address, "client_encoding", "UTF8");
    set_default(address, "application_name", "renki");
    set_default(address, "gssencmode", "disable"); // else libpq looks for tickets at each connection
    set_default(address, "tcp_user_timeout", "20000");
    set_default(address, "keepalives_idle", "10");
    set_default(address, "keepalives_interval", "5");
    set_default(address, "keepalives_count", "3");
}

static void show(struct postgres_address *address)
{
    const char *user = value(address, "user"), *host = value(address, "host"), *port = value(address, "port"),
               *name = value(address, "dbname");
    if (!host)
        host = value(address, "hostaddr");
    xfree(address->shown);
    address->shown = xasprintf("postgresql://%s%s%s%s%s/%s", user ? user : "", user ? "@" : "",
                               host ? host : "", port ? ":" : "", port ? port : "", name ? name : "");
}

// ---- what is opened at each connection

static void add_port(struct store_reach *reach, struct text text)
{
    int64_t port = PORT_DEFAULT;
    if (text.length && (!text_to_int64(text, &port) || port < 1 || port > UINT16_MAX))
        return;
    for (size_t i = 0; i < reach->port_count; i++)
        if (reach->ports[i] == port)
            return;
    if (reach->port_count < STORE_PORTS_MAX)
        reach->ports[reach->port_count++] = (uint16_t)port;
}

// One port for all hosts, or one for each.
static struct text nth_port(const char *ports, size_t number)
{
    struct text rest = text_from(ports ? ports : ""), port = TEXT_OF("");
    for (size_t i = 0; i <= number && text_cut(&rest, ',', &port); i++)
        ;
    return port;
}

static void find_reach(struct postgres_address *address)
{
    static const char *const files[] = {"sslrootcert", "sslcert", "sslkey", "sslcrl", "sslcrldir"};
    struct store_reach *reach = &address->reach;
    const char *hosts = value(address, "hostaddr");
    struct text rest = text_from(hosts ? hosts : value(address, "host") ? value(address, "host") : ""), host;
    *reach = (struct store_reach){0};
    for (size_t i = 0; text_cut(&rest, ',', &host); i++)
        if (!is_socket(host))
            add_port(reach, nth_port(value(address, "port"), i));
    if (!reach->port_count)
        return;
    reach->files[reach->file_count++] = address->own_certificates;
    for (size_t i = 0; i < COUNT_OF(files); i++)
        if (value(address, files[i]))
            reach->files[reach->file_count++] = value(address, files[i]);
}

struct postgres_address *postgres_address_new(const char *where, struct err *err)
{
    char *reason = NULL;
    PQconninfoOption *options = PQconninfoParse(where, &reason);
    PQfreemem(reason);
    if (!options) {
        (void)fail(err, ERR_STORE_ADDRESS);
        return NULL;
    }
    struct postgres_address *address = xcalloc(1, sizeof *address);
    const char *home = getenv("HOME");
    address->own_certificates = xasprintf("%s/.postgresql", home ? home : "");
    take_options(address, options);
    PQconninfoFree(options);
    set_defaults(address);
    show(address);
    find_reach(address);
    return address;
}

void postgres_address_free(struct postgres_address *address)
{
    forget_options(address);
    xfree(address->shown);
    xfree(address->own_certificates);
    xfree(address);
}

PGconn *postgres_address_connect(const struct postgres_address *address)
{
    return PQconnectStartParams((const char *const *)address->names, (const char *const *)address->values, 0);
}

// ---- after the first connection

struct lists {
    struct buf hosts, addresses, ports;
    size_t count;
};

static void add_host(struct lists *lists, struct text host, struct text address, struct text port)
{
    const char *comma = lists->count++ ? "," : "";
    const bool good = buf_append_string(&lists->hosts, comma) && buf_append_text(&lists->hosts, host) &&
                      buf_append_string(&lists->addresses, comma) &&
                      buf_append_text(&lists->addresses, address) &&
                      buf_append_string(&lists->ports, comma) && buf_append_text(&lists->ports, port);
    require(good); // HOSTS_MAX of them fit
}

static void look_up(struct lists *lists, struct text host, struct text port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *found = NULL;
    char text[64];
    SCOPED_TEXT char *name = text_copy(host);
    if (is_socket(host) || getaddrinfo(name, NULL, &hints, &found) != 0) {
        add_host(lists, host, TEXT_OF(""), port);
        return;
    }
    for (const struct addrinfo *one = found; one && lists->count < HOSTS_MAX; one = one->ai_next)
        if (getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0)
            add_host(lists, host, text_from(text), port);
    freeaddrinfo(found);
}

// A name stays beside its addresses: the certificate is checked against it.
static void look_up_all(struct postgres_address *address)
{
    struct lists lists = {buf_new(LIST_MAX), buf_new(LIST_MAX), buf_new(LIST_MAX), 0};
    struct text rest = text_from(value(address, "host") ? value(address, "host") : ""), host;
    for (size_t i = 0; lists.count < HOSTS_MAX && text_cut(&rest, ',', &host); i++) {
        const struct text port = nth_port(value(address, "port"), i);
        look_up(&lists, host, port.length ? port : TEXT_OF("5432"));
    }
    if (lists.count) {
        set(address, "host", buf_string(&lists.hosts));
        set(address, "hostaddr", buf_string(&lists.addresses));
        set(address, "port", buf_string(&lists.ports));
    }
    buf_dispose(&lists.hosts);
    buf_dispose(&lists.addresses);
    buf_dispose(&lists.ports);
}

void postgres_address_found(struct postgres_address *address, PGconn *connection)
{
    PQconninfoOption *options = address->found ? NULL : PQconninfo(connection);
    if (!options)
        return;
    for (PQconninfoOption *option = options; option->keyword; option++)
        if (option->val &&
            (strcmp(option->keyword, "service") == 0 || strcmp(option->keyword, "passfile") == 0))
            option->val[0] = '\0';
    address->found = true;
    forget_options(address);
    take_options(address, options);
    PQconninfoFree(options);
    if (PQpass(connection) && PQpass(connection)[0])
        set(address, "password", PQpass(connection));
    show(address);
    if (!value(address, "hostaddr"))
        look_up_all(address);
    find_reach(address);
}

const char *postgres_address_shown(const struct postgres_address *address)
{
    return address->shown;
}

const struct store_reach *postgres_address_reach(const struct postgres_address *address)
{
    return &address->reach;
}
