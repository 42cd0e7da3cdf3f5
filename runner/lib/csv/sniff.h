// Finds by looking how a CSV file is written. In the worker, by the reader.
#ifndef RENKI_CSV_SNIFF_H
#define RENKI_CSV_SNIFF_H

#include "lib/csv/reader.h"

// Fills in what found->dialect leaves open (delimiter, quote) and the rest of *found from the file's beginning, decoded.
// `whole`: the text is the file to its end. Where nothing can be seen, a comma is assumed, as RFC 4180 has it. The result
// is how many bytes at the start are a line `sep=;` of Excel's, which is no row: 0 when there is none.
size_t csv_sniff(struct csv_found *found, struct text start, bool whole);

#endif
