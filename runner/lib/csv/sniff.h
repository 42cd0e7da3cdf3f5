// Finds by looking how a CSV file is written. In the worker, by the reader.
#ifndef RENKI_CSV_SNIFF_H
#define RENKI_CSV_SNIFF_H

#include "lib/csv/reader.h"

// Fills in what found->dialect leaves open (delimiter, line end) and found->decimal from the file's beginning, decoded.
// `whole`: the text is the file to its end. Where nothing can be seen, a comma and LF are assumed, as RFC 4180 has it.
void csv_sniff(struct csv_found *found, struct text start, bool whole);

#endif
