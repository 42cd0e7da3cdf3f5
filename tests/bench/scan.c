// sheet.scan_c: every cell of a workbook's first page visited from C, and its peer, the sheet inflated and nothing more.
//
//     bench_scan scan FILE       seconds of computing, rows, cells, the numbers' sum
//     bench_scan inflate FILE    seconds of computing to inflate the packed bytes of the first page, piece by piece
#include "lib/sheet/inflate.h"
#include "lib/sheet/workbook.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <zip.h>

enum { PIECE_BYTES = 128 << 10 };

static double computed(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool scan(const char *file, struct err *err)
{
    SCOPED(workbook)
    workbook = NULL;
    SCOPED(workbook_rows)
    rows = NULL;
    const struct sheet_row *row;
    size_t row_count = 0, cells = 0, letters = 0;
    double sum = 0;
    const double begun = computed();
    const int descriptor = open(file, O_RDONLY | O_CLOEXEC);
    if (!workbook_open_file(&workbook, descriptor, err) ||
        !workbook_rows_open(&rows, workbook, 0, ROWS_WITH_VALUES, err))
        return false;
    for (;;) {
        if (!workbook_rows_next(rows, &row, err))
            return false;
        if (!row)
            break;
        row_count++;
        cells += row->count;
        for (size_t i = 0; i < row->count; i++) {
            if (row->cells[i].kind == CELL_NUMBER && row->cells[i].small)
                sum += sheet_number_double(row->cells[i].number);
            letters += row->cells[i].text.length;
        }
    }
    printf("%.4f\t%zu\t%zu\t%.2f\t%zu\n", computed() - begun, row_count, cells, sum, letters);
    return true;
}

static bool inflate(const char *file, struct err *err)
{
    static char packed[PIECE_BYTES], plain[PIECE_BYTES];
    int code;
    zip_t *zip = zip_open(file, ZIP_RDONLY, &code);
    zip_file_t *part = zip ? zip_fopen(zip, "xl/worksheets/sheet1.xml", ZIP_FL_COMPRESSED) : NULL;
    if (!part)
        return fail(err, ERR_SHEET_BROKEN_ZIP, file);
    SCOPED(inflater)
    inflater = inflater_new();
    double seconds = 0;
    size_t bytes = 0, got = 0;
    for (zip_int64_t length; (length = zip_fread(part, packed, sizeof packed)) > 0;) {
        const double begun = computed();
        inflater_feed(inflater, text_of(packed, (size_t)length));
        while (inflater_next(inflater, plain, sizeof plain, &got) == INFLATED_SOME)
            bytes += got;
        seconds += computed() - begun;
    }
    zip_fclose(part);
    zip_discard(zip);
    printf("%.4f\t%zu\n", seconds, bytes);
    return true;
}

int main(int count, char **arguments)
{
    struct err err;
    if (count == 3 && (strcmp(arguments[1], "scan") == 0 ? scan : inflate)(arguments[2], &err))
        return 0;
    fputs("bench_scan: scan or inflate, and a workbook\n", stderr);
    return 1;
}
