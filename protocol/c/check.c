#include "check.h"

/* The sizes that SPEC.md states, against those that the header has. */
#define IS_TRUE(name, condition) typedef char is_true_##name[(condition) ? 1 : -1]

IS_TRUE(evidence, SEALKIT_EVIDENCE_SIZE == 464);
IS_TRUE(checkpoint, SEALKIT_CHECKPOINT_SIZE == 135);
IS_TRUE(status, SEALKIT_STATUS_SIZE == 188);
IS_TRUE(signature, SEALKIT_EVIDENCE_SIZE - SEALKIT_EVIDENCE_AT_SIGNATURE == 64);
IS_TRUE(tag, SEALKIT_TAG_SIZE == SEALKIT_EVIDENCE_SIZE_TAG);
IS_TRUE(record, SEALKIT_RECORD_SIZE_MAX == SEALKIT_LIMIT_RECORD_MAX);
IS_TRUE(credential, SEALKIT_CREDENTIAL_SIZE_MAX <= SEALKIT_LIMIT_CREDENTIAL_MAX);
IS_TRUE(order_request, SEALKIT_LIMIT_ORDER_REQUEST_MAX + SEALKIT_HEADER_REQUEST_SIZE
                           <= SEALKIT_LIMIT_LINK_PAYLOAD_MAX);
IS_TRUE(buffers, SEALKIT_BUFFER_LINK_RECEIVE >= SEALKIT_LIMIT_LINK_FRAME_MAX
                     && SEALKIT_BUFFER_RECORD >= SEALKIT_LIMIT_RECORD_MAX);

#define CRC_SIZE 4u
#define SIGNATURE_SIZE (SEALKIT_CREDENTIAL_SIZE_SIGNATURE)

static int same(const uint8_t *one, const uint8_t *other, size_t size)
{
    size_t i;
    for (i = 0; i < size; i++) {
        if (one[i] != other[i]) {
            return 0;
        }
    }
    return 1;
}

/* The helpers of the header, there and back. */
static int integers_are_big_endian(void)
{
    static const uint8_t expected[8] = {0x81, 0x02, 0x83, 0x04, 0x85, 0x06, 0x87, 0x08};
    uint8_t built[8];
    const uint64_t value = sealkit_get_u64(expected);
    sealkit_put_u64(built, value);
    if (value != UINT64_C(0x8102830485068708) || !same(built, expected, sizeof built)) {
        return 0;
    }
    sealkit_put_i16(built, -120);
    return sealkit_get_i16(built) == -120 && sealkit_get_i16(expected + 1) == 0x0283
           && sealkit_get_u16(expected + 6) == 0x8708 && sealkit_get_u32(built) == 0xFF888304;
}

static uint32_t crc32(const uint8_t *data, size_t size)
{
    uint32_t crc = UINT32_C(0xFFFFFFFF);
    size_t i;
    int bit;
    for (i = 0; i < size; i++) {
        crc ^= data[i];
        for (bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ ((crc & 1u) ? UINT32_C(0xEDB88320) : 0u);
        }
    }
    return ~crc;
}

/* COBS undone; the size of the data, or 0 if a run goes past the end (L-1). */
static size_t unstuff(const uint8_t *coded, size_t size, uint8_t *data)
{
    size_t at = 0, length = 0;
    while (at < size) {
        const size_t run = coded[at];
        size_t i;
        if (run > size - at) {
            return 0;
        }
        for (i = 1; i < run; i++) {
            data[length++] = coded[at + i];
        }
        at += run;
        if (run < 0xFF && at < size) {
            data[length++] = 0;
        }
    }
    return length;
}

/* A receiver of frames: holds what came since the last zero. */
struct receiver {
    uint8_t coded[SEALKIT_LIMIT_LINK_FRAME_MAX - 2];
    size_t size;
    int is_too_long;
};

/* Takes one byte; the size of the payload that is whole with it, else 0. */
static size_t take(struct receiver *receiver, uint8_t byte, uint8_t *payload)
{
    size_t size;
    if (byte != 0) {
        if (receiver->size == sizeof receiver->coded) {
            receiver->is_too_long = 1;
        } else {
            receiver->coded[receiver->size++] = byte;
        }
        return 0;
    }
    size = receiver->is_too_long ? 0 : unstuff(receiver->coded, receiver->size, payload);
    receiver->size = 0;
    receiver->is_too_long = 0;
    if (size <= CRC_SIZE || size - CRC_SIZE > SEALKIT_LIMIT_LINK_PAYLOAD_MAX) {
        return 0;
    }
    size -= CRC_SIZE;
    return crc32(payload, size) == sealkit_get_u32(payload + size) ? size : 0;
}

static const char *check_frame(const struct sealkit_frame_vector *vector, struct receiver *receiver,
                               uint8_t *payload)
{
    size_t i, found = 0, times = 0;
    for (i = 0; i < vector->frame.size; i++) {
        const size_t size = take(receiver, vector->frame.data[i], payload);
        if (size > 0) {
            found = size;
            times++;
        }
    }
    if (times != (vector->payload.size > 0 ? 1u : 0u) || found != vector->payload.size) {
        return vector->what;
    }
    return same(payload, vector->payload.data, found) ? 0 : vector->what;
}

static const char *check_stream(const struct sealkit_stream_vector *vector,
                                struct receiver *receiver, uint8_t *payload)
{
    size_t i, found = 0;
    receiver->size = 0;
    receiver->is_too_long = 0;
    for (i = 0; i < vector->stream.size; i++) {
        const size_t size = take(receiver, vector->stream.data[i], payload);
        if (size == 0) {
            continue;
        }
        if (found == vector->payload_count || size != vector->payloads[found].size
            || !same(payload, vector->payloads[found].data, size)) {
            return vector->what;
        }
        found++;
    }
    return found == vector->payload_count ? 0 : vector->what;
}

const char *sealkit_check_link(unsigned long *checked)
{
    static struct receiver receiver;
    static uint8_t payload[SEALKIT_LIMIT_LINK_FRAME_MAX];
    const char *wrong;
    size_t i;
    if (!integers_are_big_endian()) {
        return "integers";
    }
    for (i = 0; i < sealkit_frame_vector_count; i++, ++*checked) {
        wrong = check_frame(&sealkit_frame_vectors[i], &receiver, payload);
        if (wrong) {
            return wrong;
        }
    }
    for (i = 0; i < sealkit_stream_vector_count; i++, ++*checked) {
        wrong = check_stream(&sealkit_stream_vectors[i], &receiver, payload);
        if (wrong) {
            return wrong;
        }
    }
    return 0;
}

/* What a seal says to the header of a request, before it looks at the body (L-6, L-7). */
static int judge_header(const struct sealkit_bytes *payload)
{
    const uint8_t command =
        payload->size < SEALKIT_HEADER_REQUEST_SIZE
            ? SEALKIT_ANSWER_BIT
            : payload->data[SEALKIT_HEADER_REQUEST_AT_COMMAND];
    if (command & SEALKIT_ANSWER_BIT) {
        return SEALKIT_VECTOR_DROPPED;
    }
    if (payload->data[SEALKIT_HEADER_REQUEST_AT_VERSION] != SEALKIT_PROTOCOL_VERSION) {
        return SEALKIT_STATUS_WRONG_VERSION;
    }
    if (command < SEALKIT_COMMAND_PING || command > SEALKIT_COMMAND_SET_BAUD) {
        return SEALKIT_STATUS_UNKNOWN_COMMAND;
    }
    return SEALKIT_STATUS_OK;
}

static int fits_message(const struct sealkit_message_vector *vector)
{
    const struct sealkit_bytes *payload = &vector->payload;
    if (vector->is_answer) {
        return payload->size >= SEALKIT_HEADER_RESPONSE_SIZE
               && payload->data[SEALKIT_HEADER_RESPONSE_AT_VERSION] == SEALKIT_PROTOCOL_VERSION
               && (payload->data[SEALKIT_HEADER_RESPONSE_AT_COMMAND] & SEALKIT_ANSWER_BIT);
    }
    /* A body that is malformed stands behind a header that is not. */
    return judge_header(payload)
           == (vector->expect == SEALKIT_STATUS_MALFORMED ? SEALKIT_STATUS_OK : vector->expect);
}

/* What the domain tag alone decides (T-2). */
static int judge_tag(const struct sealkit_bytes *bytes, uint8_t suite, uint8_t tag)
{
    const size_t prefix = SEALKIT_TAG_PREFIX_SIZE;
    if (bytes->size < SEALKIT_TAG_SIZE
        || !same(bytes->data, (const uint8_t *)SEALKIT_TAG_PREFIX, prefix)
        || bytes->data[prefix + 1] != tag) {
        return SEALKIT_STATUS_MALFORMED;
    }
    if (bytes->data[prefix] != suite) {
        return SEALKIT_STATUS_WRONG_SUITE;
    }
    return bytes->data[prefix + 2] == SEALKIT_TAG_VERSION ? SEALKIT_STATUS_OK
                                                          : SEALKIT_STATUS_WRONG_VERSION;
}

/* Whether an object's size is one that its layout can have. */
static int fits_size(const struct sealkit_object_vector *vector)
{
    const uint8_t *data = vector->bytes.data;
    const size_t size = vector->bytes.size;
    switch (vector->tag) {
    case SEALKIT_TAG_EVIDENCE:
        return size == SEALKIT_EVIDENCE_SIZE;
    case SEALKIT_TAG_CHECKPOINT:
        return size == SEALKIT_CHECKPOINT_SIZE;
    case SEALKIT_TAG_CREDENTIAL:
        return size >= SEALKIT_CREDENTIAL_SIZE_MIN
               && size
                      == SEALKIT_CREDENTIAL_SIZE_MIN + data[SEALKIT_CREDENTIAL_AT_NAME]
               && data[SEALKIT_CREDENTIAL_AT_NAME] <= SEALKIT_CREDENTIAL_MAX_NAME;
    case SEALKIT_TAG_RECORD:
        return size >= SEALKIT_RECORD_SIZE_MIN && size <= SEALKIT_RECORD_SIZE_MAX
               && size == SEALKIT_RECORD_SIZE_MIN + sealkit_get_u16(data + SEALKIT_RECORD_AT_BODY);
    case SEALKIT_TAG_TRUST:
        return size >= SEALKIT_TRUST_STATEMENT_SIZE_MIN && size <= SEALKIT_TRUST_STATEMENT_SIZE_MAX
               && data[SEALKIT_TRUST_STATEMENT_AT_MINIMUMS] <= SEALKIT_TRUST_STATEMENT_MAX_MINIMUMS;
    default:
        return 0;
    }
}

static int fits_object(const struct sealkit_object_vector *vector, uint8_t suite)
{
    const int judged = judge_tag(&vector->bytes, suite, (uint8_t)vector->tag);
    if (vector->expect == SEALKIT_STATUS_OK) {
        return judged == SEALKIT_STATUS_OK && fits_size(vector)
               && (vector->digest.size == 0 || vector->digest.size == 32);
    }
    /* What is malformed behind its tag, this does not look for. */
    return judged == vector->expect
           || (judged == SEALKIT_STATUS_OK && vector->expect == SEALKIT_STATUS_MALFORMED);
}

/* An order that is taken: found in its request, for its suite, with one signature or two. */
static int fits_order(const struct sealkit_order_vector *vector, uint8_t suite)
{
    struct sealkit_bytes order;
    size_t signatures;
    if (vector->request.size < SEALKIT_ORDER_REQUEST_SIZE_MIN) {
        return vector->expect == SEALKIT_STATUS_MALFORMED;
    }
    order.data = vector->request.data + SEALKIT_ORDER_REQUEST_AT_ORDER + 2;
    order.size = sealkit_get_u16(vector->request.data + SEALKIT_ORDER_REQUEST_AT_ORDER);
    if (vector->expect != SEALKIT_STATUS_OK) {
        return 1;
    }
    if (order.size > vector->request.size - SEALKIT_ORDER_REQUEST_SIZE_MIN
        || order.size < SEALKIT_ORDER_SIZE_MIN || order.size > SEALKIT_LIMIT_ORDER_MAX
        || judge_tag(&order, suite, SEALKIT_TAG_ORDER) != SEALKIT_STATUS_OK) {
        return 0;
    }
    signatures = SEALKIT_ORDER_SIZE_MIN + sealkit_get_u16(order.data + SEALKIT_ORDER_AT_BODY);
    return order.size == signatures + SIGNATURE_SIZE
           || order.size == signatures + 2 * SIGNATURE_SIZE;
}

static int fits_group(const struct sealkit_group_vector *vector)
{
    return vector->expect != SEALKIT_STATUS_OK
           || (vector->bytes.size >= SEALKIT_GROUP_SIZE_MIN
               && vector->bytes.size <= SEALKIT_LIMIT_GROUP_MAX && vector->digest.size == 32);
}

static int fits_field(const struct sealkit_field_vector *vector)
{
    return vector->at + vector->size <= vector->object.size && vector->size == vector->expect.size
           && same(vector->object.data + vector->at, vector->expect.data, vector->size);
}

const char *sealkit_check_suite(const struct sealkit_suite_vectors *vectors, unsigned long *checked)
{
    const uint8_t suite = (uint8_t)vectors->suite;
    size_t i;
    for (i = 0; i < vectors->message_count; i++, ++*checked) {
        if (!fits_message(&vectors->messages[i])) {
            return vectors->messages[i].what;
        }
    }
    for (i = 0; i < vectors->object_count; i++, ++*checked) {
        if (!fits_object(&vectors->objects[i], suite)) {
            return vectors->objects[i].what;
        }
    }
    for (i = 0; i < vectors->order_count; i++, ++*checked) {
        if (!fits_order(&vectors->orders[i], suite)) {
            return vectors->orders[i].what;
        }
    }
    for (i = 0; i < vectors->group_count; i++, ++*checked) {
        if (!fits_group(&vectors->groups[i])) {
            return vectors->groups[i].what;
        }
    }
    for (i = 0; i < vectors->set_count; i++, ++*checked) {
        if (vectors->sets[i].group_digests.size % SEALKIT_GROUP_DIGEST_SIZE
            || vectors->sets[i].root.size != SEALKIT_EVIDENCE_SIZE_PARAMETER_ROOT) {
            return vectors->sets[i].what;
        }
    }
    for (i = 0; i < vectors->field_count; i++, ++*checked) {
        if (!fits_field(&vectors->fields[i])) {
            return vectors->fields[i].what;
        }
    }
    return 0;
}
