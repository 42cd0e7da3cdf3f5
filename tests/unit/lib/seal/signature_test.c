// Signatures of webhooks, against the vectors of RFC 4231.
#include "support/unit.h"

#include "lib/seal/signature.h"

static void a_signature_is_that_of_the_standard(void **state)
{
    static const struct {
        const char *key, *body, *hex;
    } vectors[] = {
        {"Jefe", "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {"\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b", "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    };
    char hex[SIGNATURE_SIZE];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        signature_make(hex, text_from(vectors[i].key), TEXT_OF(""), text_from(vectors[i].body));
        assert_string_equal(hex, vectors[i].hex);
    }
}

static void the_timestamp_is_signed_with_the_body(void **state)
{
    const struct text key = TEXT_OF("a key of some length");
    char hex[SIGNATURE_SIZE], same[SIGNATURE_SIZE];
    (void)state;
    signature_make(hex, key, TEXT_OF("1700000000"), TEXT_OF("{}"));
    signature_make(same, key, TEXT_OF(""), TEXT_OF("1700000000.{}"));
    assert_string_equal(hex, same);
    assert_true(signature_is(key, TEXT_OF("1700000000"), TEXT_OF("{}"), text_from(hex)));
    assert_false(signature_is(key, TEXT_OF("1700000001"), TEXT_OF("{}"), text_from(hex)));
    assert_false(signature_is(key, TEXT_OF("1700000000"), TEXT_OF("{ }"), text_from(hex)));
    assert_false(
        signature_is(TEXT_OF("another key there"), TEXT_OF("1700000000"), TEXT_OF("{}"), text_from(hex)));
}

static void what_has_not_the_form_of_a_signature_is_none(void **state)
{
    static const char *const wrong[] = {"",
                                        "00",
                                        "zz",
                                        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec384",
                                        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec38430",
                                        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec384g"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(signature_is(TEXT_OF("Jefe"), TEXT_OF(""), TEXT_OF("what do ya want for nothing?"),
                                  text_from(wrong[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature_is_that_of_the_standard),
        cmocka_unit_test(the_timestamp_is_signed_with_the_body),
        cmocka_unit_test(what_has_not_the_form_of_a_signature_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
