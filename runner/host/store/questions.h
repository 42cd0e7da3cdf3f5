// What people are asked: the statements behind host/questions.c. In the host.
//
// A question is open, answered or expired (nobody answered in time, and what the robot said for that holds). Of an entry
// of a run at most one is open. Texts given are borrowed for the call.
#ifndef RENKI_HOST_STORE_QUESTIONS_H
#define RENKI_HOST_STORE_QUESTIONS_H

#include "host/store/store.h"

struct question {
    int64_t id, run, position;
    char *kind;        // "ask", or "doubt": was it done?
    char *scope, *key; // the entry that waits for it
    char *entry;       // that entry's kind: step, item, call
    char *state;       // open, answered, expired
    char *title, *text;
    char *person, *escalate; // who is asked, and who after that; "" for nobody
    char *fields;            // JSON { order: [names], inputs: { … } } as a manifest has them
    char *files;             // JSON: names of artifacts
    char *otherwise;         // what holds when nobody answers: JSON as an answer's, "fail", or ""
    char *amount;            // of an item, should it have been done
    char *evidence;          // JSON: calls that were noted, and what came of them
    char *answer, *actor;    // JSON; who gave it
    bool stands_in;          // somebody else than who was asked
    int64_t asked_ms, due_ms, next_ms, answered_ms; // 0: none
    char *next; // what is done at next_ms: remind, escalate, otherwise; "": nothing
};
void question_dispose(struct question *question);

// Adds an open one; *id is 0 when that entry has one already.
bool store_question_add(struct store *store, int64_t *id, const struct question *question,
                        struct err *err) MUST_CHECK;
// QUESTION_UNKNOWN when there is none.
bool store_question_load(struct store *store, struct question *out, int64_t id, struct err *err) MUST_CHECK;
// The newest of that kind for an entry; out->id is 0 when there is none.
bool store_question_find(struct store *store, struct question *out, int64_t run, const char *kind,
                         struct text scope, struct text key, struct err *err) MUST_CHECK;
// The number of one that is open for the run; 0: none.
bool store_question_open(struct store *store, int64_t *id, int64_t run, struct err *err) MUST_CHECK;
// Answers it where it is open; *moved is false when it is not by now.
struct question_answer {
    const char *state, *actor; // state: answered or expired
    bool stands_in;
    struct text answer; // JSON
};
bool store_question_answer(struct store *store, bool *moved, int64_t id, const struct question_answer *answer,
                           struct err *err) MUST_CHECK;
// The first open one whose time has come; out->id is 0 when there is none.
bool store_question_due(struct store *store, struct question *out, int64_t now_ms,
                        struct err *err) MUST_CHECK;
// What is done about it next, and who is asked from now on; only where it still waits for what it waited for.
bool store_question_next(struct store *store, bool *moved, const struct question *was, const char *next,
                         int64_t next_ms, const char *person, struct err *err) MUST_CHECK;
// Writes an array: what was noted of the entry before it left, with the answers that are recorded.
bool store_evidence(struct store *store, struct json_writer *out, int64_t run, struct text scope,
                    struct text key, struct err *err) MUST_CHECK;

#endif
