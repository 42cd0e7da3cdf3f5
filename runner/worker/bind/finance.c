// require "finance": the numbers that every office meets. In the worker.
//
// Each number has two functions: finance.iban(text) reads it or raises with the reason, finance.iban_valid(text) gives
// true, or false and the reason in the run's language.
#include "worker/bind/values.h"

#include "lib/decimal/decimal.h"
#include "lib/finance/barcode.h"
#include "lib/finance/business.h"
#include "lib/finance/iban.h"
#include "lib/finance/identity.h"
#include "lib/finance/reference.h"
#include "lib/finance/vat.h"
#include "worker/worker.h"

#include <stdio.h>

static void set_text(lua_State *L, const char *field, const char *value)
{
    lua_pushstring(L, value);
    lua_setfield(L, -2, field);
}

static void set_boolean(lua_State *L, const char *field, bool value)
{
    lua_pushboolean(L, value);
    lua_setfield(L, -2, field);
}

// ---- one reader for each number: reads the text at 1 and, if `push`, pushes what it found

typedef bool reader(lua_State *L, bool push, struct err *err);

static bool read_iban(lua_State *L, bool push, struct err *err)
{
    struct iban iban;
    if (!iban_parse(&iban, bind_text(L, 1, "iban"), err))
        return false;
    if (!push)
        return true;
    char printed[IBAN_PRINTED_SIZE];
    lua_createtable(L, 0, 6);
    set_text(L, "code", iban.code);
    set_text(L, "printed", iban_print(printed, &iban));
    lua_pushlstring(L, iban.code, 2);
    lua_setfield(L, -2, "country");
    set_text(L, "country_name", iban.country_name);
    set_text(L, "account", iban.code + 4);
    set_boolean(L, "sepa", iban.sepa);
    return true;
}

static bool read_reference(lua_State *L, bool push, struct err *err)
{
    struct reference reference;
    if (!reference_parse(&reference, bind_text(L, 1, "reference"), err))
        return false;
    if (push)
        lua_pushstring(L, reference.digits);
    return true;
}

static bool read_rf(lua_State *L, bool push, struct err *err)
{
    struct rf_reference rf;
    if (!rf_parse(&rf, bind_text(L, 1, "reference"), err))
        return false;
    if (push)
        lua_pushstring(L, rf.code);
    return true;
}

static bool read_business_id(lua_State *L, bool push, struct err *err)
{
    struct business_id id;
    if (!business_id_parse(&id, bind_text(L, 1, "business_id"), err))
        return false;
    if (push)
        lua_pushstring(L, id.code);
    return true;
}

static bool read_vat_number(lua_State *L, bool push, struct err *err)
{
    struct vat_number vat;
    if (!vat_number_parse(&vat, bind_text(L, 1, "vat_number"), err))
        return false;
    if (!push)
        return true;
    lua_createtable(L, 0, 3);
    set_text(L, "code", vat.code);
    set_text(L, "country", vat.country);
    set_text(L, "kind", vat_kind_name(vat.kind));
    return true;
}

static bool read_tax_number(lua_State *L, bool push, struct err *err)
{
    struct tax_number number;
    if (!tax_number_parse(&number, bind_text(L, 1, "tax_number"), err))
        return false;
    if (push)
        lua_pushstring(L, number.digits);
    return true;
}

static bool read_identity(lua_State *L, bool push, struct err *err)
{
    struct identity identity;
    if (!identity_parse(&identity, bind_text(L, 1, "identity_code"), err))
        return false;
    if (!push)
        return true;
    lua_createtable(L, 0, 4);
    set_text(L, "code", identity.code);
    bind_date_push(L, identity.birth);
    lua_setfield(L, -2, "birth");
    set_text(L, "sex", identity.female ? "female" : "male");
    set_boolean(L, "temporary", identity.temporary);
    return true;
}

// Cents as an exact decimal: "12.05". False never: the form is ours.
static void push_cents(lua_State *L, int64_t cents)
{
    char written[INTEGER_TEXT_SIZE + 4];
    snprintf(written, sizeof(written), "%lld.%02lld", (long long)cents / 100, (long long)cents % 100);
    require(bind_decimal_push_text(L, text_from(written)));
}

static void push_barcode(lua_State *L, const struct barcode *code)
{
    lua_createtable(L, 0, 5);
    set_text(L, "code", code->digits);
    set_text(L, "iban", code->iban.code);
    push_cents(L, code->cents);
    lua_setfield(L, -2, "sum");
    set_text(L, "reference", code->reference);
    if (!code->has_due_date)
        return;
    bind_date_push(L, code->due_date);
    lua_setfield(L, -2, "due");
}

static bool read_barcode(lua_State *L, bool push, struct err *err)
{
    struct barcode code;
    if (!barcode_parse(&code, bind_text(L, 1, "barcode"), err))
        return false;
    if (push)
        push_barcode(L, &code);
    return true;
}

static bool push_message(lua_State *L, const struct err *err)
{
    SCOPED_BUF(out, 4096);
    const bool said = err_message(&out, err, worker_of(L)->language);
    lua_pushlstring(L, buf_text(&out).data, out.length);
    return said;
}

static int parsed(lua_State *L, reader *read)
{
    struct err err = {0};
    return read(L, true, &err) ? 1 : bind_raise(L, &err);
}

static int valid(lua_State *L, reader *read)
{
    struct err err = {0};
    const bool right = read(L, false, &err);
    lua_pushboolean(L, right);
    return right ? 1 : 1 + push_message(L, &err);
}

// finance_NAME and finance_NAME_valid for each number.
#define NUMBERS(X)                                                                                           \
    X(iban)                                                                                                  \
    X(reference) X(rf) X(business_id) X(vat_number) X(tax_number) X(identity) X(barcode)
#define FUNCTIONS(name)                                                                                      \
    static int finance_##name(lua_State *L)                                                                  \
    {                                                                                                        \
        return parsed(L, read_##name);                                                                       \
    }                                                                                                        \
    static int finance_##name##_valid(lua_State *L)                                                          \
    {                                                                                                        \
        return valid(L, read_##name);                                                                        \
    }
NUMBERS(FUNCTIONS)

// ---- references: made, printed, converted

static int make_reference(lua_State *L)
{
    struct reference reference;
    struct err err = {0};
    if (!reference_make(&reference, bind_text(L, 1, "base"), &err))
        return bind_raise(L, &err);
    lua_pushstring(L, reference.digits);
    return 1;
}

static int print_reference(lua_State *L)
{
    char printed[REFERENCE_PRINTED_SIZE];
    struct err err = {0};
    if (!reference_print(printed, bind_text(L, 1, "reference"), &err))
        return bind_raise(L, &err);
    lua_pushstring(L, printed);
    return 1;
}

static int make_rf(lua_State *L)
{
    struct rf_reference rf;
    struct err err = {0};
    if (!rf_make(&rf, bind_text(L, 1, "base"), &err))
        return bind_raise(L, &err);
    lua_pushstring(L, rf.code);
    return 1;
}

static int print_rf(lua_State *L)
{
    struct rf_reference rf;
    char printed[RF_PRINTED_SIZE];
    struct err err = {0};
    if (!rf_parse(&rf, bind_text(L, 1, "reference"), &err))
        return bind_raise(L, &err);
    lua_pushstring(L, rf_print(printed, &rf));
    return 1;
}

static int reference_to_rf(lua_State *L)
{
    struct reference reference;
    struct rf_reference rf;
    struct err err = {0};
    if (!reference_parse(&reference, bind_text(L, 1, "reference"), &err) ||
        !rf_make(&rf, text_from(reference.digits), &err))
        return bind_raise(L, &err);
    lua_pushstring(L, rf.code);
    return 1;
}

static int rf_to_reference(lua_State *L)
{
    struct reference reference;
    struct rf_reference rf;
    struct err err = {0};
    if (!rf_parse(&rf, bind_text(L, 1, "reference"), &err) || !rf_national(&reference, &rf, &err))
        return bind_raise(L, &err);
    lua_pushstring(L, reference.digits);
    return 1;
}

static int print_iban(lua_State *L)
{
    struct iban iban;
    char printed[IBAN_PRINTED_SIZE];
    struct err err = {0};
    if (!iban_parse(&iban, bind_text(L, 1, "iban"), &err))
        return bind_raise(L, &err);
    lua_pushstring(L, iban_print(printed, &iban));
    return 1;
}

static int age(lua_State *L)
{
    struct identity identity;
    struct date on;
    struct err err = {0};
    if (!identity_parse(&identity, bind_text(L, 1, "identity_code"), &err))
        return bind_raise(L, &err);
    if (!bind_date_test(L, 2, &on))
        return bind_argument(L, 2, "on", phrase_text(worker_of(L)->language, PHRASE_EXPECTED_DATE));
    lua_pushinteger(L, identity_age(&identity, on));
    return 1;
}

// ---- bar codes and VAT

static const struct decimal *decimal_argument(lua_State *L, int argument, const char *name)
{
    if (lua_isinteger(L, argument)) {
        const bool pushed = bind_decimal_push_text(L, text_from(N(lua_tointeger(L, argument))));
        require(pushed); // an integer is a decimal
        lua_replace(L, argument);
    }
    const struct decimal *value = bind_decimal_test(L, argument);
    if (!value)
        bind_argument(L, argument, name, phrase_text(worker_of(L)->language, PHRASE_EXPECTED_DECIMAL));
    return value;
}

// A sum in cents; with more than two places that are not zero it is none.
static bool cents_of(int64_t *out, const struct decimal *sum, struct err *err)
{
    struct decimal hundred, cents;
    decimal_from_int64(&hundred, 100);
    return decimal_multiply(&cents, sum, &hundred, err) &&
           (decimal_to_int64(&cents, out) || fail(err, ERR_BARCODE_SUM));
}

// make_barcode { iban =, sum =, reference =, due = }
static int make_barcode(lua_State *L)
{
    static const char *const known[] = {"iban", "sum", "reference", "due", NULL};
    bind_table(L, 1, "bill");
    bind_options(L, 1, known);
    const struct text iban = bind_option_text(L, 1, "iban", TEXT_OF(""));
    const struct text reference = bind_option_text(L, 1, "reference", TEXT_OF(""));
    struct barcode code;
    struct date due;
    int64_t cents = 0;
    struct err err = {0};
    lua_settop(L, 1);
    if (lua_getfield(L, 1, "sum") != LUA_TNIL && !cents_of(&cents, decimal_argument(L, 2, "sum"), &err))
        return bind_raise(L, &err);
    const bool has_due = lua_getfield(L, 1, "due") != LUA_TNIL;
    if (has_due && !bind_date_test(L, 3, &due))
        return bind_argument(L, 3, "due", phrase_text(worker_of(L)->language, PHRASE_EXPECTED_DATE));
    if (!barcode_make(&code, iban, cents, reference, has_due ? &due : NULL, &err))
        return bind_raise(L, &err);
    push_barcode(L, &code);
    return 1;
}

static int vat_rate_on(lua_State *L)
{
    const char *percent;
    struct date on;
    struct err err = {0};
    const struct text kind = bind_text(L, 1, "kind");
    if (!bind_date_test(L, 2, &on))
        return bind_argument(L, 2, "on", phrase_text(worker_of(L)->language, PHRASE_EXPECTED_DATE));
    if (!vat_rate(&percent, kind, on, &err))
        return bind_raise(L, &err);
    require(bind_decimal_push_text(L, text_from(percent)));
    return 1;
}

typedef bool vat_function(struct decimal *, const struct decimal *, const struct decimal *, int,
                          enum decimal_rounding, struct err *);

static bool push_decimal(lua_State *L, const struct decimal *value)
{
    SCOPED_BUF(written, DECIMAL_TEXT_MAX);
    return decimal_text(&written, value) && bind_decimal_push_text(L, buf_text(&written));
}

// Pushes the tax and the rest of the price: gross without it, or net with it.
static int vat_parts(lua_State *L, vat_function *compute, bool inside)
{
    static const char *const known[] = {"places", "rounding", NULL};
    const struct decimal *price = decimal_argument(L, 1, inside ? "gross" : "net");
    const struct decimal *percent = decimal_argument(L, 2, "percent");
    bind_options(L, 3, known);
    const int places = (int)bind_option_integer(L, 3, "places", 0, 20, 2);
    const struct text name = bind_option_text(L, 3, "rounding", TEXT_OF("half-up"));
    enum decimal_rounding rounding;
    struct decimal tax, rest;
    struct err err = {0};
    if (decimal_sign(percent) < 0)
        return bind_argument(L, 2, "percent", "0 …");
    if (!decimal_rounding_from_name(&rounding, name))
        return bind_argument(L, 3, "rounding", "\"half-up\", \"half-even\", \"up\", \"down\"");
    if (!compute(&tax, price, percent, places, rounding, &err) ||
        !(inside ? decimal_subtract(&rest, price, &tax, &err) : decimal_add(&rest, price, &tax, &err)))
        return bind_raise(L, &err);
    require(push_decimal(L, &tax) && push_decimal(L, &rest));
    return 2;
}

static int vat_inside_price(lua_State *L)
{
    return vat_parts(L, vat_inside, true);
}

static int vat_upon_price(lua_State *L)
{
    return vat_parts(L, vat_upon, false);
}

static const luaL_Reg functions[] = {
    {"iban", finance_iban},
    {"iban_valid", finance_iban_valid},
    {"reference", finance_reference},
    {"reference_valid", finance_reference_valid},
    {"rf", finance_rf},
    {"rf_valid", finance_rf_valid},
    {"business_id", finance_business_id},
    {"business_id_valid", finance_business_id_valid},
    {"vat_number", finance_vat_number},
    {"vat_number_valid", finance_vat_number_valid},
    {"tax_number", finance_tax_number},
    {"tax_number_valid", finance_tax_number_valid},
    {"identity", finance_identity},
    {"identity_valid", finance_identity_valid},
    {"barcode", finance_barcode},
    {"barcode_valid", finance_barcode_valid},
    {"print_iban", print_iban},
    {"make_reference", make_reference},
    {"print_reference", print_reference},
    {"make_rf", make_rf},
    {"print_rf", print_rf},
    {"reference_to_rf", reference_to_rf},
    {"rf_to_reference", rf_to_reference},
    {"age", age},
    {"make_barcode", make_barcode},
    {"vat_rate", vat_rate_on},
    {"vat_inside", vat_inside_price},
    {"vat_upon", vat_upon_price},
    {NULL, NULL},
};

int luaopen_finance(lua_State *L);
int luaopen_finance(lua_State *L)
{
    luaL_newlib(L, functions);
    return 1;
}
