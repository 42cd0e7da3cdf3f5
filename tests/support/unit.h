// What every unit test begins with, in place of <cmocka.h>.
//
// cmocka and lib/base/err.h both call something `fail`; renki's own stays.
#ifndef RENKI_TESTS_UNIT_H
#define RENKI_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#undef fail
#undef fail_msg
#define fail_msg(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

// Leaves the test as skipped, with a word: shared test data are not everywhere.
#define skip_saying(...) (print_message(__VA_ARGS__), print_message("\n"), _skip(__FILE__, __LINE__))

#endif
