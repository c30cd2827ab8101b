/* SPDX-License-Identifier: MIT
 *
 * Malformed files: each is refused with a message that names the file, the tensor and the fault. */
#include "safetensors_file.h"

#include <string.h>

/* A head with its true length, followed by `data` zeros. */
static void put_head(const char *head, size_t size, size_t data) {
    unsigned char *file = calloc(8 + size + data, 1);
    for (size_t i = 0; i < 8; i++) file[i] = (unsigned char)((uint64_t)size >> 8 * i);
    memcpy(file + 8, head, size);
    put_file(file, 8 + size + data);
    free(file);
}

/* The file at `path` is refused, with a message that holds the path and `words`. */
static void refused(gan_status code, const char *words) {
    gan_safetensors *s = (gan_safetensors *)path;
    gan_error err = {0};
    gan_status status = gan_safetensors_open(path, &s, &err);
    if (status != code || !strstr(err.text, words) || !strstr(err.text, path))
        fail_msg("expected %d \"%s\", got %d \"%s\"", code, words, status, err.text);
    assert_null(s);
    assert_int_equal(gan_safetensors_open(path, &s, NULL), code);
}

#define T(name, dtype, shape, place)                                                               \
    "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" place "}"

static void malformed_heads(void **state) {
    (void)state;
    static const struct {
        const char *head;
        size_t data;
        const char *words;
    } rows[] = {
        {"[]", 0, "does not begin with '{'"},
        {" {}", 0, "does not begin with '{'"},
        {"{", 0, "byte 1 of the head: expected a name"},
        {"{} {}", 0, "only spaces"},
        {"{\"a", 0, "byte 1 of the head: premature end"},
        {"{\"a\xff\":{}}", 0, "byte 1 of the head: unable to decode byte 0xff"},
        {"{\"a\xed\xa0\x80\":{}}", 0, "unable to decode"},
        {"{\"a\\u0000\":{}}", 0, "\\u0000"},
        {"{\"a\":{}\"b\":{}}", 0, "tensor \"a\" has no \"dtype\""},
        {"{\"a\" 1}", 0, "expected ':'"},
        {"{\"a\":1}", 0, "tensor \"a\": byte 5 of the head: expected '{'"},
        {"{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", 0, "tensor \"a\": the JSON"},
        {"{" T("a", "U8", "[1]", "[0,1]") ",}", 1, "expected a name"},
        {"{" T("a", "U8", "[1]", "[0,1]") T("b", "U8", "[1]", "[1,2]") "}", 2,
         "expected ',' or '}'"},
        {"{\"a\":{\"dtype\":4,\"shape\":[],\"data_offsets\":[0,4]}}", 4, "\"a\" has no \"dtype\""},
        {"{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "\"a\" has no \"shape\""},
        {"{" T("a", "F32", "{}", "[0,4]") "}", 4, "\"a\" has no \"shape\""},
        {"{" T("a", "F32", "[2,-3]", "[0,4]") "}", 4, "\"a\": dimension 1 "},
        {"{" T("a", "F32", "[1.0]", "[0,4]") "}", 4, "\"a\": dimension 0 "},
        {"{" T("a", "F32", "[1e0]", "[0,4]") "}", 4, "\"a\": dimension 0 "},
        {"{" T("a", "F32", "[99999999999999999999]", "[0,4]") "}", 4, "tensor \"a\": the JSON"},
        {"{" T("a", "F32", "[4294967296,4294967296]", "[0,4]") "}", 4,
         "tensor \"a\": the size of F32"},
        {"{" T("a", "F32", "[4611686018427387904]", "[0,0]") "}", 0, "\"a\": the size of F32"},
        {"{" T("a", "U8", "[0,4611686018427387904,3]", "[0,0]") "}", 0, "\"a\": the size of U8"},
        {"{" T("a", "F32", "[1]", "[0]") "}", 4, "\"a\" has no \"data_offsets\""},
        {"{" T("a", "F32", "[1]", "[0,4,8]") "}", 4, "\"a\" has no \"data_offsets\""},
        {"{" T("a", "F32", "[1]", "[-4,0]") "}", 4, "\"a\" has no \"data_offsets\""},
        {"{" T("a", "F32", "[1]", "\"04\"") "}", 4, "\"a\" has no \"data_offsets\""},
        {"{" T("a", "F32", "[1]", "[4,0]") "}", 4, "\"a\": data_offsets [4, 0] run backwards"},
        {"{" T("a", "F32", "[2]", "[0,8]") "}", 4, "\"a\": data_offsets [0, 8] end beyond the 4"},
        {"{" T("a", "F32", "[1]", "[9223372036854775803,9223372036854775807]") "}", 4,
         "\"a\": data_off"},
        {"{" T("a", "F32", "[2,3]", "[0,20]") "}", 20, "\"a\": F32 [2, 3] needs 24 bytes"},
        {"{" T("a", "F32", "[0]", "[0,4]") "}", 4, "\"a\": F32 [0] needs 0 bytes"},
        {"{" T("a", "F32", "[1]", "[0,4]") "}", 5,
         "byte 4, after tensor \"a\", but the file holds 5"},
        {"{" T("a", "F32", "[1]", "[4,8]") "}", 8, "bytes 0 to 4 of the data, before tensor \"a\""},
        {"{" T("b", "U8", "[1]", "[2,3]") "," T("a", "U8", "[1]", "[0,1]") "}", 3,
         "before tensor \"b\""},
        {"{" T("b", "U8", "[2]", "[1,3]") "," T("a", "U8", "[2]", "[0,2]") "}", 3,
         "tensor \"b\", data_offsets [1, 3], overlaps tensor \"a\", which ends at 2"},
        {"{" T("b", "U8", "[2]", "[0,2]") "," T("a", "U8", "[2]", "[0,2]") "}", 2,
         "\"b\", data_offset"},
        {"{" T("b", "U8", "[0]", "[1,1]") "," T("a", "U8", "[2]", "[0,2]") "}", 2,
         "\"b\", data_offset"},
        {"{" T("a", "U8", "[1]", "[0,1]") "," T("a", "U8", "[1]", "[1,2]") "}", 2,
         "\"a\" is described twice"},
        {"{" T("a", "U8", "[1]", "[0,1]") "," T("\\u0061", "U8", "[1]", "[1,2]") "}", 2,
         "\"a\" is descr"},
        {"{" T("\\u001b[2J", "F32", "[1]", "[4,0]") "}", 4, "tensor \"?[2J\": data_offsets"},
        {"{}", 1, "the file holds 1 bytes of data but no tensor"},
        {"{\"__metadata__\":[]}", 0, "__metadata__: byte 16 of the head: expected '{'"},
        {"{\"__metadata__\":{\"k\":1}}", 0, "__metadata__: metadata \"k\": byte 21"},
        {"{\"__metadata__\":{\"k\":\"\",\"k\":\"\"}}", 0, "metadata key \"k\" is given twice"},
        {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "\"__metadata__\" is given twice"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        put_head(rows[i].head, strlen(rows[i].head), rows[i].data);
        refused(GAN_EFORMAT, rows[i].words);
    }
    const char *rank9 = "{" T("deep", "U8", "[1,1,1,1,1,1,1,1,1]", "[0,1]") "}";
    put_head(rank9, strlen(rank9), 1);
    refused(GAN_EUNSUPPORTED, "tensor \"deep\" has rank 9; the limit is 8");
    const char *f8 = "{" T("tiny", "F8_E4M3", "[1]", "[0,1]") "}";
    put_head(f8, strlen(f8), 1);
    refused(GAN_EUNSUPPORTED, "tensor \"tiny\" has dtype \"F8_E4M3\"; known are BOOL U8");
}

static void malformed_lengths(void **state) {
    (void)state;
    put_file("", 0);
    refused(GAN_EFORMAT, "the file has 0 bytes");
    put_file("\2\0\0\0\0\0\0", 7);
    refused(GAN_EFORMAT, "the file has 7 bytes");
    put_file("\0\0\0\0\0\0\0\0", 8);
    refused(GAN_EFORMAT, "does not begin with '{'");
    put_file("\3\0\0\0\0\0\0\0{}", 10);
    refused(GAN_EFORMAT, "given as 3, but only 2 bytes follow");
    put_file("\1\0\0\0\0\0\0\0{}", 10);
    refused(GAN_EFORMAT, "byte 1 of the head");
    put_file("\1\xe1\xf5\5\0\0\0\0{}", 10);
    refused(GAN_EFORMAT, "given as 100000001, more than the limit");
    put_file("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10);
    refused(GAN_EFORMAT, "given as 18446744073709551615");
    put_head("{}\0", 3, 0);
    refused(GAN_EFORMAT, "only spaces");
    remove(path);
    refused(GAN_EIO, "cannot open");
}

/* Every prefix of a good file is refused. */
static void truncated(void **state) {
    (void)state;
    const float x[4] = {1, 2, 3, 4};
    const int64_t dim[] = {2, 2};
    unsigned char file[512];
    gan_safetensors_writer *w = gan_safetensors_writer_create();
    gan_safetensors_writer_add(w, "weight", GAN_DTYPE_F32, 2, dim, x);
    gan_safetensors_writer_add_metadata(w, "k", "v");
    must_write(w);
    size_t size = get_file(file, sizeof file);
    for (size_t n = 0; n < size; n++) {
        put_file(file, n);
        refused(GAN_EFORMAT, n > size - 16 ? "tensor \"weight\"" : "");
    }
}

/* Deep or long descriptions; many members without a tensor in them. Neither may take long. */
static void hostile_sizes(void **state) {
    (void)state;
    size_t size = 8 << 20;
    char *head = malloc(size);
    memset(head, '[', size);
    memcpy(head, "{\"a\":{\"b\":", 10);
    put_head(head, size, 0);
    refused(GAN_EFORMAT, "tensor \"a\": the JSON");
    for (size_t i = 10; i < size; i++) head[i] = "{},"[(i - 11) % 3];
    head[10] = '[';
    put_head(head, size, 0);
    refused(GAN_EFORMAT, "tensor \"a\": byte 5 of the head: the description is longer");
    memset(head, 'x', size);
    memcpy(head, "{\"", 2);
    put_head(head, size, 0);
    refused(GAN_EFORMAT, "byte 1 of the head: premature end");
    memcpy(head + size - 10, "\":{}}     ", 10);
    put_head(head, size, 0);
    refused(GAN_EFORMAT, "xxx...\" has no \"dtype\"");
    free(head);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_heads),
        cmocka_unit_test(malformed_lengths),
        cmocka_unit_test(truncated),
        cmocka_unit_test(hostile_sizes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
