// Every message of messages.def as a row of a table, with functions that fill one and compare two, for tests that walk
// them all. Included once a program.
#ifndef RENKI_TESTS_MESSAGES_H
#define RENKI_TESTS_MESSAGES_H

#include "lib/wire/wire.h"

struct message_case {
    const char *name;
    enum message_type type;
    unsigned from, to, when;
    size_t size;
    void (*fill)(void *message);         // something in every field
    void (*fill_longest)(void *message); // every field as long as it may be
    bool (*same)(const void *a, const void *b);
};

#define FDS(most)

#define TEXT(name, most) message->name = TEXT_OF("ä €");
#define JSON(name, most) message->name = TEXT_OF("{\"a\":[1,null,\"ä\"]}");
#define BYTES(name, most) message->name = (struct text){"\0\xFF\n{", 4};
#define INT(name) message->name = INT64_MIN + (int64_t)offsetof(__typeof__(*message), name);
#define BOOL(name) message->name = true;
#define MESSAGE(name_, from_, to_, when_, fields)                                                            \
    static void fill_##name_(void *memory)                                                                   \
    {                                                                                                        \
        struct message_##name_ *message = memory;                                                            \
        (void)message;                                                                                       \
        fields                                                                                               \
    }
#include "lib/wire/messages.def"
#undef TEXT
#undef JSON
#undef BYTES
#undef INT
#undef BOOL
#undef MESSAGE

// Letters that JSON writes as they are, so that the frame is as long as its fields.
static struct text long_text(size_t length)
{
    static char letters[FRAME_MAX];
    memset(letters, 'x', sizeof letters);
    require(length <= sizeof letters);
    return text_of(letters, length);
}

#define TEXT(name, most) message->name = long_text(most);
#define JSON(name, most) message->name = long_text(most);
#define BYTES(name, most) message->name = long_text(most);
#define INT(name) message->name = INT64_MIN;
#define BOOL(name) message->name = false;
#define MESSAGE(name_, from_, to_, when_, fields)                                                            \
    static void fill_longest_##name_(void *memory)                                                           \
    {                                                                                                        \
        struct message_##name_ *message = memory;                                                            \
        (void)message;                                                                                       \
        fields                                                                                               \
    }
#include "lib/wire/messages.def"
#undef TEXT
#undef JSON
#undef BYTES
#undef INT
#undef BOOL
#undef MESSAGE

#define TEXT(name, most) &&text_equal(a->name, b->name)
#define JSON(name, most) &&text_equal(a->name, b->name)
#define BYTES(name, most) &&text_equal(a->name, b->name)
#define INT(name) &&a->name == b->name
#define BOOL(name) &&a->name == b->name
#define MESSAGE(name_, from_, to_, when_, fields)                                                            \
    static bool same_##name_(const void *first, const void *second)                                          \
    {                                                                                                        \
        const struct message_##name_ *a = first, *b = second;                                                \
        return a && b fields;                                                                                \
    }
#include "lib/wire/messages.def"
#undef TEXT
#undef JSON
#undef BYTES
#undef INT
#undef BOOL
#undef MESSAGE
#undef FDS

#define CLI ROLE_CLI
#define HOST ROLE_HOST
#define ZYGOTE ROLE_ZYGOTE
#define WORKER ROLE_WORKER
#define READER ROLE_READER
#define GATEWAY ROLE_GATEWAY
#define FAKE ROLE_FAKE
#define LAUNCHER ROLE_LAUNCHER
#define VIEWER ROLE_VIEWER
#define SYNC ROLE_SYNC
#define WEB ROLE_WEB
#define START PHASE_START
#define RUN PHASE_RUN
#define END PHASE_END
#define MESSAGE(name_, from_, to_, when_, fields)                                                            \
    {#name_,       MESSAGE_##name_,      from_,       to_, when_, sizeof(struct message_##name_),            \
     fill_##name_, fill_longest_##name_, same_##name_},
static const struct message_case message_cases[] = {
#include "lib/wire/messages.def"
};
#undef MESSAGE
#undef CLI
#undef HOST
#undef ZYGOTE
#undef WORKER
#undef READER
#undef GATEWAY
#undef FAKE
#undef LAUNCHER
#undef VIEWER
#undef SYNC
#undef WEB
#undef START
#undef RUN
#undef END

enum { MESSAGE_ROOM = 1024 }; // bytes, more than any struct message_X; tests assert it

#endif
