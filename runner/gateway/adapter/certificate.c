// Says which certificate was not trusted, and why: libcurl alone tells only the reason. In the gateway.
//
// The check itself stays OpenSSL's: this only listens to its verdicts.
#include "gateway/adapter/transfer.h"

#include <openssl/ssl.h>
#include <stdio.h>

static int on_verdict(int good, X509_STORE_CTX *store)
{
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct certificate *certificate = ssl ? SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)) : NULL;
    X509 *x509 = X509_STORE_CTX_get_current_cert(store);
    if (good || !certificate || certificate->reason[0])
        return good;
    snprintf(certificate->reason, sizeof certificate->reason, "%s",
             X509_verify_cert_error_string(X509_STORE_CTX_get_error(store)));
    BIO *memory = BIO_new(BIO_s_mem());
    if (x509 && memory) {
        X509_NAME_print_ex(memory, X509_get_subject_name(x509), 0,
                           XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
        BIO_puts(memory, ", valid until ");
        ASN1_TIME_print(memory, X509_get0_notAfter(x509));
        const int got = BIO_read(memory, certificate->subject, sizeof certificate->subject - 1);
        certificate->subject[got > 0 ? got : 0] = '\0';
    }
    BIO_free(memory);
    return good;
}

CURLcode certificate_watch(CURL *easy, void *context, void *certificate)
{
    (void)easy;
    SSL_CTX_set_app_data((SSL_CTX *)context, certificate);
    // `certificate` lives as long as this transfer, the connection longer: no second handshake on it.
    SSL_CTX_set_options((SSL_CTX *)context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_verify((SSL_CTX *)context, SSL_VERIFY_PEER, on_verdict);
    return CURLE_OK;
}
