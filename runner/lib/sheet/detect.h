// What a file is, by its content and never by its suffix. In the worker.
#ifndef RENKI_SHEET_DETECT_H
#define RENKI_SHEET_DETECT_H

#include "lib/sheet/ole.h"
#include "lib/sheet/package.h"

enum detected {
    DETECTED_PACKAGE, // a zip file: ask detect_package
    DETECTED_TEXT,
    DETECTED_FLAT_ODS,
    DETECTED_XLS, // in a container (ask detect_ole), or the bare stream
    DETECTED_XLSX,
    DETECTED_ODS,
};

enum { DETECT_BYTES = 4096 };

// Looks at the file (from its beginning; the position is left there). What is neither a zip package nor text fails with
// an error that names what it is and what to do: an encrypted workbook, .xls, PDF, HTML, XML of Excel 2003, nothing.
bool detect_file(enum detected *out, int descriptor, struct err *err) MUST_CHECK;
// Of a zip package: DETECTED_XLSX or DETECTED_ODS; .xlsb, Word, PowerPoint, protected ones and others fail, named.
bool detect_package(enum detected *out, struct package *package, struct err *err) MUST_CHECK;
// Whether the file is a compound file, as old Office documents are.
bool detect_is_ole(bool *out, int descriptor, struct err *err) MUST_CHECK;
// Of such a one: fails unless it is an .xls workbook; Word, PowerPoint, Outlook and protected ones are named.
bool detect_ole(const struct ole *ole, struct err *err) MUST_CHECK;

#endif
