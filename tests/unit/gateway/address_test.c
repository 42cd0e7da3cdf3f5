// gateway/address.c: which addresses may be dialled.
#include "support/unit.h"

#include "gateway/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static bool may_dial(const char *host, int port, const struct route *route)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, host, &v4.sin_addr) == 1)
        return address_may_dial((struct sockaddr *)&v4, route);
    assert_int_equal(inet_pton(AF_INET6, host, &v6.sin6_addr), 1);
    return address_may_dial((struct sockaddr *)&v6, route);
}

static void public_addresses_are_dialled_others_not(void **state)
{
    (void)state;
    static const struct route nowhere = {0};
    static const struct {
        const char *host;
        bool allowed;
    } cases[] = {
        {"93.184.216.34", true},
        {"2606:2800:220:1::1", true},
        {"127.0.0.1", false},
        {"127.8.8.8", false},
        {"10.0.0.1", false},
        {"172.16.0.1", false},
        {"172.31.255.255", false},
        {"172.32.0.1", true},
        {"192.168.1.1", false},
        {"100.64.0.1", false},
        {"169.254.169.254", false},
        {"0.0.0.0", false},
        {"0.1.2.3", false},
        {"224.0.0.1", false},
        {"255.255.255.255", false},
        {"240.0.0.1", false},
        {"::", false},
        {"::1", false},
        {"fe80::1", false},
        {"febf::1", false},
        {"fec0::1", false},
        {"fc00::1", false},
        {"fdff::1", false},
        {"ff02::1", false},
        {"::ffff:127.0.0.1", false},
        {"::ffff:10.0.0.1", false},
        {"::ffff:93.184.216.34", true},
        {"::127.0.0.1", false},
        {"::ffff:0:127.0.0.1", false},
        {"64:ff9b::7f00:1", false},
        {"64:ff9b::5db8:d822", true},
        {"64:ff9b:1::a00:1", false},
        {"2002:7f00:1::", false},
        {"2002:5db8:d822::1", true},
        {"2001:0:0:0:0:0:80ff:fffe", false}, // Teredo of 127.0.0.1
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (may_dial(cases[i].host, 443, &nowhere) != cases[i].allowed)
            fail_msg("%s: expected %d", cases[i].host, cases[i].allowed);
}

static void private_ones_only_in_the_named_network_at_the_named_port(void **state)
{
    (void)state;
    struct route route = {.network_count = 2, .port = 8080};
    assert_true(network_read(&route.networks[0], TEXT_OF("10.20.0.0/16")));
    assert_true(network_read(&route.networks[1], TEXT_OF("127.0.0.1")));
    assert_true(may_dial("10.20.3.4", 8080, &route));
    assert_true(may_dial("127.0.0.1", 8080, &route));
    assert_true(may_dial("::ffff:10.20.3.4", 8080, &route));
    assert_false(may_dial("10.20.3.4", 80, &route));
    assert_false(may_dial("10.21.3.4", 8080, &route));
    assert_false(may_dial("127.0.0.2", 8080, &route));
    assert_false(may_dial("192.168.1.1", 8080, &route));
}

static void some_are_never_dialled_even_when_named(void **state)
{
    (void)state;
    static const char *const hosts[] = {"169.254.169.254", "0.0.0.0", "224.0.0.1",
                                        "255.255.255.255", "fe80::1", "ff02::1"};
    struct route route = {.network_count = 2, .port = 80};
    assert_true(network_read(&route.networks[0], TEXT_OF("0.0.0.0/0")));
    assert_true(network_read(&route.networks[1], TEXT_OF("::/0")));
    for (size_t i = 0; i < COUNT_OF(hosts); i++)
        if (may_dial(hosts[i], 80, &route))
            fail_msg("%s was dialled", hosts[i]);
    assert_true(may_dial("10.0.0.1", 80, &route));
}

static void what_is_no_network_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",          "10.0.0", "10.0.0.0/33", "10.0.0.0/-1",
                                      "10.0.0.0/", "::/129", "localhost",   "10.0.0.0/8/8"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct network network;
        if (network_read(&network, text_from(bad[i])))
            fail_msg("%s was read", bad[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(public_addresses_are_dialled_others_not),
        cmocka_unit_test(private_ones_only_in_the_named_network_at_the_named_port),
        cmocka_unit_test(some_are_never_dialled_even_when_named),
        cmocka_unit_test(what_is_no_network_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
