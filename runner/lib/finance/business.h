// Numbers of businesses: the Finnish business id, VAT numbers of Finland and the United Kingdom, the tax number of
// building sites.
#ifndef RENKI_FINANCE_BUSINESS_H
#define RENKI_FINANCE_BUSINESS_H

#include "lib/base/err.h"

struct business_id {
    char code[10]; // "0201256-6"
};

// "0201256-6", also without the hyphen; never with fewer digits. Weights 7 9 10 5 8 4 2, sum mod 11.
// Errors: BUSINESS_ID_FORM, BUSINESS_ID_NEVER, BUSINESS_ID_CHECK.
bool business_id_parse(struct business_id *out, struct text written, struct err *err) MUST_CHECK;

enum vat_kind { VAT_BUSINESS, VAT_BRANCH, VAT_GOVERNMENT, VAT_HEALTH };

struct vat_number {
    char code[15];   // "FI02012566", "GB980780684", "GB980780684001", "GBGD001"
    char country[3]; // "FI", "GB", "XI" (Northern Ireland, numbered as GB)
    enum vat_kind kind;
};

// FI and a business id without hyphen; GB or XI and 9 digits (mod 97, or mod 97 with 55 added, for numbers given since
// 2010), 12 with a branch, GD000 to GD499 for government, HA500 to HA999 for health.
// Errors: VAT_COUNTRY, VAT_FORM, VAT_CHECK and those of business_id_parse.
bool vat_number_parse(struct vat_number *out, struct text written, struct err *err) MUST_CHECK;
const char *vat_kind_name(enum vat_kind kind); // "business", "branch", "government", "health"

struct tax_number {
    char digits[13];
};

// The tax number on a building worker's badge: 12 digits, nothing more can be checked. Error: TAX_NUMBER_FORM.
bool tax_number_parse(struct tax_number *out, struct text written, struct err *err) MUST_CHECK;

#endif
