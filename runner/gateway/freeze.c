// See freeze.h.
#include "gateway/freeze.h"

#include "lib/base/log.h"

#include <stdio.h>

struct account {
    struct account *next;
    char name[64 + 1];
    int64_t refused, thaws; // in a row; how often a person thawed it
    bool frozen, proven;
    struct call *trying; // finds out whether the system takes the login; NULL
    struct call *waiting, **end;
};

struct account *account_of(struct gateway *gateway, const char *login)
{
    for (struct account *account = gateway->accounts; account; account = account->next)
        if (strcmp(account->name, login) == 0)
            return account;
    struct account *account = xcalloc(1, sizeof *account);
    account->next = gateway->accounts;
    account->end = &account->waiting;
    snprintf(account->name, sizeof account->name, "%s", login);
    gateway->accounts = account;
    return account;
}

void accounts_free(struct gateway *gateway)
{
    for (struct account *account = gateway->accounts, *next; account; account = next) {
        next = account->next;
        xfree(account);
    }
    gateway->accounts = NULL;
}

bool account_check(const struct account *account, struct err *err)
{
    return account->frozen ? fail(err, ERR_LOGIN_FROZEN, account->name) : true;
}

static struct call *take_waiting(struct account *account)
{
    struct call *call = account->waiting;
    account->waiting = call->next_trying;
    if (!account->waiting)
        account->end = &account->waiting;
    call->next_trying = NULL;
    call->go_on = NULL;
    return call;
}

// Those who wait: all of them once the login is proven, one otherwise; none may try a frozen one.
static void move(struct account *account)
{
    while (account->waiting && (account->frozen || account->proven || !account->trying)) {
        void (*go)(struct call * call) = account->waiting->go_on;
        account_enter(account, take_waiting(account), go);
    }
}

void account_enter(struct account *account, struct call *call, void (*go)(struct call *call))
{
    struct err err;
    call->account = account;
    if (!account_check(account, &err))
        call_fail(call, &err);
    else if (account->proven || !account->trying || account->trying == call) {
        if (!account->proven)
            account->trying = call;
        go(call);
    } else {
        call->go_on = go;
        *account->end = call;
        account->end = &call->next_trying;
    }
}

static void forget_waiting(struct account *account, struct call *call)
{
    for (struct call **at = &account->waiting; *at; at = &(*at)->next_trying)
        if (*at == call) {
            *at = call->next_trying;
            if (!call->next_trying)
                account->end = at;
            return;
        }
}

void account_leave(struct call *call)
{
    struct account *account = STEAL(call->account);
    if (!account)
        return;
    if (account->trying == call)
        account->trying = NULL;
    else if (call->go_on)
        forget_waiting(account, call);
    move(account);
}

void account_accepted(struct account *account, const struct run *run)
{
    if (account->proven && account->refused == 0)
        return;
    if (account->refused && run->gateway->host)
        (void)channel_send(run->gateway->host,
                           MESSAGE_OF(LOGIN_ACCEPTED, .run = run->id, .login = text_from(account->name)));
    account->refused = 0;
    account->proven = !account->frozen;
    account->trying = NULL;
    move(account);
}

void account_refused(struct account *account, const struct run *run, const char *host, int64_t status,
                     int64_t most)
{
    account->proven = false;
    account->frozen = ++account->refused >= most;
    log_info("login.refused", "run=%lld login=%s status=%lld refused=%lld frozen=%d", (long long)run->id,
             account->name, (long long)status, (long long)account->refused, account->frozen);
    if (run->gateway->host)
        (void)channel_send(run->gateway->host,
                           MESSAGE_OF(LOGIN_REFUSED, .run = run->id, .login = text_from(account->name),
                                      .host = text_from(host), .status = status, .most = most,
                                      .frozen = account->frozen));
}

bool account_told(struct gateway *gateway, struct frame *frame, struct err *err)
{
    struct message_LOGIN_STATE told;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &told, frame, err))
        return false;
    SCOPED_TEXT char *name = text_copy(told.login);
    struct account *account = account_of(gateway, name);
    if (told.frozen && !account->frozen)
        log_info("login.told", "login=%s frozen=1", account->name);
    if (told.thaws > account->thaws) {
        account->thaws = told.thaws;
        account->refused = told.refused;
        account->frozen = told.frozen;
    } else {
        // Our own last refusals may not have reached the host when it said this.
        account->refused = told.refused > account->refused ? told.refused : account->refused;
        account->frozen = account->frozen || told.frozen;
    }
    account->proven = account->proven && account->refused == 0;
    move(account);
    return true;
}
