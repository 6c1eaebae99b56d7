/* Vectors for the codec of a seal: what protocol/vectors says, as C arrays.
 *
 * Generated from protocol/vectors by tools/maintain/generate_c.py: change nothing here.
 * protocol/vectors/README.md tells how they were made. All keys in them are test keys.
 *
 * Link sealkit_vectors_link.c, and sealkit_vectors_p256.c or sealkit_vectors_sm2.c.
 */

#ifndef SEALKIT_VECTORS_H
#define SEALKIT_VECTORS_H

#include "sealkit.h"

/* Bytes; none: data 0, size 0. */
struct sealkit_bytes {
    const uint8_t *data;
    size_t size;
};

/* What is expected instead of a status: dropped without an answer. */
#define SEALKIT_VECTOR_DROPPED (-1)

/* A frame with its zeros, and its payload; no payload: the frame must be dropped (L-3). */
struct sealkit_frame_vector {
    const char *what;
    struct sealkit_bytes frame;
    struct sealkit_bytes payload;
};

/* What comes over a line, in pieces of any size, and the payloads that must come out. */
struct sealkit_stream_vector {
    const char *what;
    struct sealkit_bytes stream;
    const struct sealkit_bytes *payloads;
    size_t payload_count;
};

/* A payload. expect: the status that a seal gives to a request (SEALKIT_STATUS_OK: it is well
 * formed), or SEALKIT_VECTOR_DROPPED. Answers are all well formed. */
struct sealkit_message_vector {
    const char *what;
    int is_answer;
    struct sealkit_bytes payload;
    int expect;
};

/* An object that starts with a domain tag. digest: H(bytes), 32 bytes, none where it has no use.
 * public_key: of whoever signed it, none where it is not signed (a record) or the bytes are bad.
 * expect: SEALKIT_STATUS_OK, or why a reader refuses it. */
struct sealkit_object_vector {
    const char *what;
    enum sealkit_tag tag;
    struct sealkit_bytes bytes;
    struct sealkit_bytes digest;
    struct sealkit_bytes public_key;
    int expect;
};

/* The body of a request `order`. expect: SEALKIT_STATUS_OK, or what is said to it in any state. */
struct sealkit_order_vector {
    const char *what;
    struct sealkit_bytes request;
    int expect;
};

/* A parameter group, salt first. digest: none for one that is refused. expect: the status of a
 * SEAL that brings it. */
struct sealkit_group_vector {
    const char *what;
    uint8_t number;
    struct sealkit_bytes bytes;
    struct sealkit_bytes digest;
    int expect;
};

/* A parameter set: items of group_digest, one after the other, and the root (P-1). */
struct sealkit_set_vector {
    const char *what;
    struct sealkit_bytes group_digests;
    struct sealkit_bytes root;
};

struct sealkit_signature_vector {
    const char *what;
    struct sealkit_bytes public_key;
    struct sealkit_bytes message;
    struct sealkit_bytes signature;
    int is_valid;
};

/* A field of an object: its bytes stand at `at`. */
struct sealkit_field_vector {
    const char *what;
    struct sealkit_bytes object;
    size_t at;
    size_t size;
    struct sealkit_bytes expect;
};

struct sealkit_suite_vectors {
    enum sealkit_suite suite;
    const struct sealkit_message_vector *messages;
    size_t message_count;
    const struct sealkit_object_vector *objects;
    size_t object_count;
    const struct sealkit_order_vector *orders;
    size_t order_count;
    const struct sealkit_group_vector *groups;
    size_t group_count;
    const struct sealkit_set_vector *sets;
    size_t set_count;
    const struct sealkit_signature_vector *signatures;
    size_t signature_count;
    const struct sealkit_field_vector *fields;
    size_t field_count;
};

extern const struct sealkit_frame_vector sealkit_frame_vectors[];
extern const size_t sealkit_frame_vector_count;
extern const struct sealkit_stream_vector sealkit_stream_vectors[];
extern const size_t sealkit_stream_vector_count;
extern const struct sealkit_suite_vectors sealkit_vectors_p256;
extern const struct sealkit_suite_vectors sealkit_vectors_sm2;

#endif
