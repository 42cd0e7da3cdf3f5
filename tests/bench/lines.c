// Text files of ten columns: made, and read by libcsv, the peer of csv.read_all and csv.read_two_columns.
//
//     bench_lines make FILE MEGABYTES     invoices: texts that come again and numbers that don't, UTF-8, ";", CR LF
//     bench_lines read FILE               prints the seconds; nothing where this was built without libcsv
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef BENCH_LIBCSV
#include <csv.h>
#endif

static int make(const char *path, long megabytes)
{
    static const char *const texts[] = {"Toimistotarvikkeet ja rahti", "Sähkö ja lämpö",
                                        "Kiinteistön huolto, talvi", "Matkakulut", "Konsulttipalvelut"};
    FILE *file = fopen(path, "w");
    if (!file)
        return 1;
    fputs("Lasku;Toimittaja;Tili;Kustannuspaikka;Selite;Päivä;Netto;Vero;Summa;Viite\r\n", file);
    for (long n = 1; ftell(file) < megabytes * 1000000; n++) {
        const long cents = n * 37 % 10000000, tax = cents * 24 / 100, sum = cents + tax;
        fprintf(file,
                "A-%ld;Toimittaja %ld Oy;%ld;%ld;%s %ld;%ld.%ld.2026;%ld,%02ld;%ld,%02ld;%ld,%02ld;%ld\r\n",
                1000000 + n, n * 7919 % 1000, 4000 + n % 100, 10000 + n % 500, texts[n % 5], n % 20,
                n % 28 + 1, n % 12 + 1, cents / 100, cents % 100, tax / 100, tax % 100, sum / 100, sum % 100,
                1000000 + n * 7);
    }
    return fclose(file) == 0 ? 0 : 1;
}

#ifdef BENCH_LIBCSV
struct sums {
    size_t bytes, rows;
};

static void cell(void *text, size_t length, void *sums)
{
    (void)text;
    ((struct sums *)sums)->bytes += length;
}

static void row(int end, void *sums)
{
    (void)end;
    ((struct sums *)sums)->rows++;
}

static int read_file(const char *path)
{
    static char block[256 << 10];
    struct csv_parser parser;
    struct sums sums = {0};
    struct timespec begun, ended;
    FILE *file = fopen(path, "r");
    if (!file || csv_init(&parser, 0) != 0)
        return 1;
    csv_set_delim(&parser, ';');
    clock_gettime(CLOCK_MONOTONIC, &begun);
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;)
        if (csv_parse(&parser, block, got, cell, row, &sums) != got)
            return 1;
    csv_fini(&parser, cell, row, &sums);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    csv_free(&parser);
    fclose(file);
    printf("%.3f\n", (double)(ended.tv_sec - begun.tv_sec) + (double)(ended.tv_nsec - begun.tv_nsec) / 1e9);
    return sums.rows > 1 ? 0 : 1;
}
#else
static int read_file(const char *path)
{
    (void)path;
    return 0;
}
#endif

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "make") == 0)
        return make(argv[2], strtol(argv[3], NULL, 10));
    return argc == 3 && strcmp(argv[1], "read") == 0 ? read_file(argv[2]) : 2;
}
