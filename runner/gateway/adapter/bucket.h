// Files that hosts share, in a bucket that speaks S3: puts, gets and removes what the host hands over by descriptor. In
// the gateway.
//
// 1. Requests are signed (AWS Signature Version 4) with the login of the settings, a secret of the kind basic: its
//    username is the access key, its value the secret key, its origin the bucket's.
// 2. Each KEEP_PUT, KEEP_GET and KEEP_REMOVE gets one KEEP_DONE. Nothing is tried again here; the host does that.
// 3. A file has at most BUCKET_BYTES_MAX. What is read must have the size and SHA-256 that the host names.
#ifndef RENKI_GATEWAY_BUCKET_H
#define RENKI_GATEWAY_BUCKET_H

#include "gateway/gateway.h"

enum { BUCKET_BYTES_MAX = 1 << 30 };

bool bucket_take_secret(struct gateway *gateway, struct frame *frame, struct err *err) MUST_CHECK;
// These take the frame's descriptor.
bool bucket_put(struct gateway *gateway, struct frame *frame, struct err *err) MUST_CHECK;
bool bucket_get(struct gateway *gateway, struct frame *frame, struct err *err) MUST_CHECK;
bool bucket_remove(struct gateway *gateway, struct frame *frame, struct err *err) MUST_CHECK;

#endif
