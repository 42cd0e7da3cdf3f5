// core.items: what stdlib-lua/items.lua needs of the run's socket. Each function is one message and its answer. In the
// worker.
#include "worker/bind/bind.h"
#include "worker/bind/talk.h"

enum { QUEUE_MAX = 64, KEY_MAX = 400, NOTE_MAX = 8192, AMOUNT_MAX = 400 };

static struct text check_queue(lua_State *L)
{
    const struct text queue = talk_text(L, 1, "queue", SIZE_MAX);
    if (queue.length > QUEUE_MAX)
        bind_fail(L, ERR_QUEUE_NAME, queue.data);
    return queue;
}

static struct text check_key(lua_State *L, int index)
{
    const struct text key = talk_text(L, index, "key", SIZE_MAX);
    if (key.length > KEY_MAX)
        bind_fail(L, ERR_KEY_TOO_LONG, key.data, N(KEY_MAX));
    return key;
}

static void raise_problem(lua_State *L, bool problem, const struct err *err)
{
    if (problem)
        bind_raise(L, err);
}

static void set_integer(lua_State *L, const char *name, int64_t value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, name);
}

static void set_text(lua_State *L, const char *name, struct text value)
{
    lua_pushlstring(L, value.data, value.length);
    lua_setfield(L, -2, name);
}

// ITEM as a table { state, key, number, tries, priority, due_ms, wait_ms, done, total, amount, note, data }
static int push_item(lua_State *L)
{
    struct json_document *document = NULL;
    struct message_ITEM item;
    struct frame frame;
    struct err err;
    talk_hear(L, MESSAGE_ITEM, &item, &document, &frame);
    const bool problem = talk_problem(item.problem, &err);
    if (problem)
        json_document_free(document);
    raise_problem(L, problem, &err);
    lua_createtable(L, 0, 12);
    set_integer(L, "number", item.number);
    set_integer(L, "tries", item.tries);
    set_integer(L, "priority", item.priority);
    set_integer(L, "due_ms", item.due_ms);
    set_integer(L, "wait_ms", item.wait_ms);
    set_integer(L, "done", item.done);
    set_integer(L, "total", item.total);
    set_text(L, "state", item.state);
    set_text(L, "key", item.key);
    set_text(L, "amount", item.amount);
    set_text(L, "note", item.note);
    set_text(L, "data", item.data);
    json_document_free(document);
    return 1;
}

// add(queue, heads, data) → a sign an item: 1 new, 0 there already
static int add(lua_State *L)
{
    const struct text queue = check_queue(L);
    const struct text heads = bind_text(L, 2, "heads"), data = bind_text(L, 3, "data");
    struct json_document *document = NULL;
    struct message_ITEMS_ADDED added;
    struct frame frame;
    struct err err;
    talk_say(L, MESSAGE_OF(ITEMS_ADD, .queue = queue, .heads = heads, .data = data));
    talk_hear(L, MESSAGE_ITEMS_ADDED, &added, &document, &frame);
    const bool problem = talk_problem(added.problem, &err);
    lua_pushlstring(L, added.fresh.data, added.fresh.length);
    json_document_free(document);
    raise_problem(L, problem, &err);
    return 1;
}

// take(queue, after) → item
static int take(lua_State *L)
{
    const struct text queue = check_queue(L);
    talk_say(L, MESSAGE_OF(ITEM_TAKE, .queue = queue, .after = bind_integer(L, 2, "after", 0, INT64_MAX)));
    return push_item(L);
}

// find(queue, key) → item
static int find(lua_State *L)
{
    const struct text queue = check_queue(L);
    talk_say(L, MESSAGE_OF(ITEM_FIND, .queue = queue, .key = check_key(L, 2)));
    return push_item(L);
}

// past(queue, after) → item, its data the result
static int past(lua_State *L)
{
    const struct text queue = check_queue(L);
    talk_say(L, MESSAGE_OF(ITEM_PAST, .queue = queue, .after = bind_integer(L, 2, "after", 0, INT64_MAX)));
    return push_item(L);
}

// finish(queue, key, number, state, amount, note, kept result, wait_ms, next) → the next item with `next`
static int finish(lua_State *L)
{
    const struct text queue = check_queue(L);
    const struct text key = check_key(L, 2);
    const int64_t number = bind_integer(L, 3, "number", 1, INT64_MAX);
    const struct text state = bind_text(L, 4, "state");
    const struct text amount = talk_text(L, 5, "amount", AMOUNT_MAX);
    const struct text note = talk_text(L, 6, "note", NOTE_MAX);
    const struct text result = bind_text(L, 7, "result");
    const int64_t wait_ms = bind_integer(L, 8, "wait_ms", 0, INT64_MAX / 2);
    const bool next = lua_toboolean(L, 9);
    talk_say(L,
             MESSAGE_OF(ITEM_DONE, .queue = queue, .key = key, .number = number, .state = state,
                        .amount = amount, .note = note, .wait_ms = wait_ms, .next = next, .result = result));
    if (next)
        return push_item(L);
    talk_stored(L);
    return 0;
}

// count(queue) → JSON
static int count(lua_State *L)
{
    const struct text queue = check_queue(L);
    struct json_document *document = NULL;
    struct message_ITEMS_COUNTED counted;
    struct frame frame;
    struct err err;
    talk_say(L, MESSAGE_OF(ITEMS_COUNT, .queue = queue));
    talk_hear(L, MESSAGE_ITEMS_COUNTED, &counted, &document, &frame);
    const bool problem = talk_problem(counted.problem, &err);
    lua_pushlstring(L, counted.counts.data, counted.counts.length);
    json_document_free(document);
    raise_problem(L, problem, &err);
    return 1;
}

// expect(queue, items, sum)
static int expect(lua_State *L)
{
    const struct text queue = check_queue(L);
    const struct text items = talk_text(L, 2, "items", 24), sum = talk_text(L, 3, "sum", AMOUNT_MAX);
    talk_say(L, MESSAGE_OF(ITEMS_EXPECT, .queue = queue, .items = items, .sum = sum));
    talk_stored(L);
    return 0;
}

static const luaL_Reg functions[] = {
    {"add", add},       {"take", take},   {"find", find},     {"past", past},
    {"finish", finish}, {"count", count}, {"expect", expect}, {NULL, NULL},
};

int luaopen_items(lua_State *L)
{
    luaL_newlib(L, functions);
    return 1;
}
