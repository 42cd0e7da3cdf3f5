// links: calendar finance
// Dates, times, patterns, zone files and the numbers of finance from anybody: nothing crashes, and what was read is
// written back the same. Two lines: a text and a pattern; the whole also as a zone file.
#include "lib/calendar/instant.h"
#include "lib/calendar/parse.h"
#include "lib/calendar/pattern.h"
#include "lib/calendar/tzif.h"
#include "lib/finance/barcode.h"
#include "lib/finance/business.h"
#include "lib/finance/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void instants_read_back(struct text written)
{
    struct instant instant, back;
    struct err err;
    SCOPED_BUF(iso, 100);
    if (!instant_parse(&instant, written, NULL, &err))
        return;
    require(instant_write_iso(&iso, instant) && instant_parse(&back, buf_text(&iso), NULL, &err));
    require(back.microseconds == instant.microseconds);
}

static void dates_read_back(struct text written)
{
    struct date date, back;
    struct month month;
    struct err err;
    SCOPED_BUF(iso, 100);
    if (month_parse(&month, written, &err))
        require(month_valid(month));
    if (!date_parse(&date, written, &err))
        return;
    require(date_valid(date) && date_write_iso(&iso, date) && date_parse(&back, buf_text(&iso), &err));
    require(date_compare(date, back) == 0);
    require(date_compare(date_from_days(date_to_days(date)), date) == 0);
}

static void patterns_read_back(struct text written, struct text pattern)
{
    struct moment moment, back;
    struct err err;
    SCOPED_BUF(out, 4096);
    if (!pattern_read(&moment, written, pattern, &err))
        return;
    require(moment_valid(moment) && pattern_write(&out, moment, pattern, &err));
    // A single-letter field takes one digit or two, so "dm" may read its own writing otherwise, never not at all.
    if (pattern_read(&back, buf_text(&out), pattern, &err))
        require(moment_valid(back));
}

static void numbers_read_back(struct text written)
{
    struct iban iban;
    struct reference reference;
    struct rf_reference rf;
    struct business_id id;
    struct vat_number vat;
    struct identity identity;
    struct barcode barcode;
    struct err err;
    char printed[IBAN_PRINTED_SIZE];
    if (iban_parse(&iban, written, &err))
        require(iban_parse(&iban, text_from(iban_print(printed, &iban)), &err));
    if (reference_parse(&reference, written, &err))
        require(reference_parse(&reference, text_from(reference.digits), &err));
    if (rf_parse(&rf, written, &err))
        require(rf_parse(&rf, text_from(rf.code), &err));
    if (business_id_parse(&id, written, &err))
        require(business_id_parse(&id, text_from(id.code), &err));
    if (vat_number_parse(&vat, written, &err))
        require(vat_number_parse(&vat, text_from(vat.code), &err));
    if (identity_parse(&identity, written, &err))
        require(date_valid(identity.birth));
    if (barcode_parse(&barcode, written, &err))
        require(barcode_parse(&barcode, text_from(barcode.digits), &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text rest = text_of((const char *)data, size), written = {"", 0}, pattern = {"", 0};
    struct tzif tzif;
    struct rule rule;
    if (tzif_parse(&tzif, rest))
        tzif_dispose(&tzif);
    if (text_cut(&rest, '\n', &written))
        (void)text_cut(&rest, '\n', &pattern);
    if (rule_parse(&rule, written))
        for (int64_t seconds = -3000000000; seconds < 8000000000; seconds += 400000000)
            (void)rule_offset(&rule, seconds);
    instants_read_back(written);
    dates_read_back(written);
    patterns_read_back(written, pattern);
    numbers_read_back(written);
    return 0;
}
