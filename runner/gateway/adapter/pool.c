// See pool.h. libcurl's multi_socket interface on libuv.
//
// 1. A socket's poll handle lives as long as the socket (made when it is opened, not each time curl waits for it), and
//    a socket that curl has no wish for stays polled until it becomes readable: a call on a warm connection then costs
//    no epoll_ctl at all.
// 2. curl's "at once" (a timeout of 0) is done before the loop waits, not by a timer.
#include "gateway/adapter/pool.h"

#include "gateway/adapter/transfer.h"
#include "lib/base/clock.h"

#include <curl/curl.h>
#include <stdio.h>
#include <unistd.h>

enum { POOL_IDLE_MS = 120000, JAR_MOST = 64, CONNECTIONS_KEPT = 64, KICKS_MOST = 8 };

struct socket {
    uv_poll_t poll;
    struct pool *pool;
    struct socket *next;
    curl_socket_t fd;
    int wanted, watched;
    bool started;
};

struct pool {
    struct gateway *gateway;
    struct pool *next;
    char *robot, *login;
    int64_t version, run; // run 0: shared by the robot's runs
    CURLM *multi;
    uv_timer_t timer;
    bool kick;
    struct socket *sockets;
    struct transfer *kept;
    int64_t live, used_ms;
};

struct jar {
    struct jar *next;
    const struct login *login;
    int64_t number;
    CURLSH *share;
};

bool pools_start(struct gateway *gateway, struct err *err)
{
    static const char *const bundles[] = {"/etc/ssl/certs/ca-certificates.crt",
                                          "/etc/pki/tls/certs/ca-bundle.crt"};
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return fail(err, ERR_SYSTEM, "curl_global_init", "libcurl");
    for (size_t i = 0; i < COUNT_OF(bundles) && !gateway->bundle; i++)
        if (access(bundles[i], R_OK) == 0)
            gateway->bundle = bundles[i];
    return true;
}

struct gateway *pool_gateway(const struct pool *pool)
{
    return pool->gateway;
}

// ---- What curl reports

static void collect(struct pool *pool)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(pool->multi, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        char *private = NULL;
        const CURLcode result = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        transfer_done((struct transfer *)(void *)private, result);
    }
}

static void act(struct pool *pool, curl_socket_t fd, int events)
{
    int running;
    curl_multi_socket_action(pool->multi, fd, events, &running);
    collect(pool);
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
    struct socket *socket = poll->data;
    const int curl_events = status < 0 ? CURL_CSELECT_ERR
                                       : ((events & UV_READABLE) ? CURL_CSELECT_IN : 0) |
                                             ((events & UV_WRITABLE) ? CURL_CSELECT_OUT : 0);
    if (socket->wanted) {
        act(socket->pool, socket->fd, curl_events);
        return;
    }
    uv_poll_stop(&socket->poll); // idle: the server closed it; curl sees that when it would use it
    socket->watched = 0;
}

static void on_timer(uv_timer_t *timer)
{
    act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static int want_timer(CURLM *multi, long timeout_ms, void *owner)
{
    (void)multi;
    struct pool *pool = owner;
    pool->kick = timeout_ms == 0;
    if (timeout_ms > 0)
        uv_timer_start(&pool->timer, on_timer, (uint64_t)timeout_ms, 0);
    else
        uv_timer_stop(&pool->timer);
    return 0;
}

static struct socket *socket_of(struct pool *pool, curl_socket_t fd)
{
    for (struct socket *socket = pool->sockets; socket; socket = socket->next)
        if (socket->fd == fd)
            return socket;
    struct socket *socket = xcalloc(1, sizeof *socket);
    *socket = (struct socket){.pool = pool, .fd = fd, .next = pool->sockets};
    pool->sockets = socket;
    require(uv_poll_init(&pool->gateway->loop, &socket->poll, fd) == 0);
    socket->poll.data = socket;
    return socket;
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *owner, void *assigned)
{
    (void)easy;
    struct pool *pool = owner;
    struct socket *socket = assigned ? assigned : socket_of(pool, fd);
    if (!assigned)
        curl_multi_assign(pool->multi, fd, socket);
    socket->wanted = what == CURL_POLL_REMOVE ? 0
                                              : ((what & CURL_POLL_IN) ? UV_READABLE : 0) |
                                                    ((what & CURL_POLL_OUT) ? UV_WRITABLE : 0);
    if (what == CURL_POLL_NONE)
        socket->wanted = 0;
    const int watch = socket->wanted ? socket->wanted : socket->watched & UV_READABLE;
    if (watch == socket->watched)
        return 0;
    if (watch)
        uv_poll_start(&socket->poll, watch, on_socket);
    else
        uv_poll_stop(&socket->poll);
    socket->watched = watch;
    return 0;
}

static void on_socket_closed(uv_handle_t *handle)
{
    xfree(handle->data);
}

// libcurl closes the socket: first its poll handle goes, then the descriptor.
int pool_close_socket(void *owner, curl_socket_t fd)
{
    struct pool *pool = owner;
    for (struct socket **at = &pool->sockets; *at; at = &(*at)->next) {
        struct socket *socket = *at;
        if (socket->fd != fd)
            continue;
        *at = socket->next;
        uv_poll_stop(&socket->poll);
        uv_close((uv_handle_t *)&socket->poll, on_socket_closed);
        break;
    }
    return close(fd);
}

// ---- Pools

static bool is_personal(const struct login *login)
{
    return login && login->secret &&
           (login->secret->kind == SECRET_NTLM || login->secret->kind == SECRET_NEGOTIATE);
}

static struct pool *pool_new(struct gateway *gateway)
{
    struct pool *pool = xcalloc(1, sizeof *pool);
    pool->gateway = gateway;
    pool->multi = curl_multi_init();
    require(pool->multi);
    curl_multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
    curl_multi_setopt(pool->multi, CURLMOPT_SOCKETDATA, pool);
    curl_multi_setopt(pool->multi, CURLMOPT_TIMERFUNCTION, want_timer);
    curl_multi_setopt(pool->multi, CURLMOPT_TIMERDATA, pool);
    curl_multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
    curl_multi_setopt(pool->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    uv_timer_init(&gateway->loop, &pool->timer);
    pool->timer.data = pool;
    pool->next = gateway->pools;
    gateway->pools = pool;
    return pool;
}

static struct pool *find_pool(struct gateway *gateway, const char *robot, const char *login, int64_t version,
                              int64_t run)
{
    for (struct pool *pool = gateway->pools; pool; pool = pool->next)
        if (pool->run == run && pool->version == version && strcmp(pool->login, login) == 0 &&
            strcmp(pool->robot, robot) == 0)
            return pool;
    struct pool *pool = pool_new(gateway);
    pool->robot = xstrdup(robot);
    pool->login = xstrdup(login);
    pool->version = version;
    pool->run = run;
    return pool;
}

struct pool *pool_for(struct run *run, const struct login *login)
{
    return find_pool(run->gateway, run->robot, login ? login->name : "",
                     login && login->secret ? login->secret->version : 0, is_personal(login) ? run->id : 0);
}

struct pool *pool_for_bucket(struct gateway *gateway, const struct secret *secret)
{
    return find_pool(gateway, "", secret->name, secret->version, 0); // no robot has this name
}

static void on_pool_closed(uv_handle_t *handle)
{
    struct pool *pool = handle->data;
    xfree(pool->robot);
    xfree(pool->login);
    xfree(pool);
}

// Nothing may be under way in it.
static void pool_close(struct pool *pool)
{
    for (struct pool **at = &pool->gateway->pools; *at; at = &(*at)->next)
        if (*at == pool) {
            *at = pool->next;
            break;
        }
    transfers_forget(&pool->kept, 0);
    curl_multi_cleanup(pool->multi);
    uv_timer_stop(&pool->timer);
    uv_close((uv_handle_t *)&pool->timer, on_pool_closed);
}

struct transfer **pool_kept(struct pool *pool)
{
    return &pool->kept;
}

void pool_enter(struct pool *pool)
{
    pool->live++;
}

void pool_leave(struct pool *pool)
{
    pool->live--;
    pool->used_ms = clock_monotonic_ms();
}

bool pool_add(struct pool *pool, void *easy)
{
    return curl_multi_add_handle(pool->multi, easy) == CURLM_OK;
}

void pool_remove(struct pool *pool, void *easy)
{
    curl_multi_remove_handle(pool->multi, easy);
}

void pools_kick(struct gateway *gateway)
{
    for (struct pool *pool = gateway->pools; pool; pool = pool->next) {
        for (int i = 0; pool->kick && i < KICKS_MOST; i++) {
            pool->kick = false;
            act(pool, CURL_SOCKET_TIMEOUT, 0);
        }
        if (pool->kick)
            uv_timer_start(&pool->timer, on_timer, 0, 0);
    }
}

void pools_sweep(struct gateway *gateway)
{
    const int64_t now = clock_monotonic_ms();
    for (struct pool *pool = gateway->pools, *next; pool; pool = next) {
        next = pool->next;
        if (pool->live == 0 && now - pool->used_ms > POOL_IDLE_MS)
            pool_close(pool);
    }
}

// ---- What belongs to a run

void pool_end_run(struct run *run)
{
    for (struct pool *pool = run->gateway->pools, *next; pool; pool = next) {
        next = pool->next;
        transfers_forget(&pool->kept, run->id); // before its cookies go
        if (pool->run == run->id && pool->run && strcmp(pool->robot, run->robot) == 0 && pool->live == 0)
            pool_close(pool);
    }
    while (run->jars) {
        struct jar *jar = run->jars;
        run->jars = jar->next;
        curl_share_cleanup(jar->share);
        xfree(jar);
    }
}

void *jar_of(struct run *run, const struct login *login, int64_t number)
{
    const bool session = login && login->secret && login->secret->kind == SECRET_FORM;
    size_t count = 0;
    if (session)
        number = 0; // one session a run
    else if (number <= 0)
        return NULL;
    for (struct jar *jar = run->jars; jar; jar = jar->next, count++)
        if (jar->login == login && jar->number == number)
            return jar->share;
    if (count >= JAR_MOST)
        return NULL;
    struct jar *jar = xcalloc(1, sizeof *jar);
    *jar = (struct jar){.next = run->jars, .login = login, .number = number, .share = curl_share_init()};
    require(jar->share);
    curl_share_setopt(jar->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);
    run->jars = jar;
    return jar->share;
}
