/* SPDX-License-Identifier: MIT
 *
 * What is written comes back; its bytes are the reference implementation's; a failed write leaves
 * everything as it was. */
#include "safetensors_file.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* --- writing and reading --- */

static void round_trip(void **state) {
    (void)state;
    unsigned char bytes[3 * 8 * 16];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i * 37 + 11);
    const int64_t dim[] = {3, 1, 2};
    gan_safetensors_writer *w = gan_safetensors_writer_create();
    for (gan_dtype d = 0; gan_dtype_size(d); d++)
        gan_safetensors_writer_add(w, gan_dtype_name(d), d, 3, dim, bytes + d);
    must_write(w);
    gan_safetensors *s = must_open();
    assert_int_equal(gan_safetensors_count(s), 13);
    assert_string_equal(gan_safetensors_at(s, 0)->name, "U64");
    assert_string_equal(gan_safetensors_at(s, 12)->name, "BOOL");
    assert_null(gan_safetensors_at(s, 13));
    const char *first = gan_safetensors_at(s, 0)->data;
    for (gan_dtype d = 0; gan_dtype_size(d); d++) {
        const gan_safetensors_entry *e = gan_safetensors_find(s, gan_dtype_name(d));
        assert_non_null(e);
        assert_int_equal(e->dtype, d);
        assert_int_equal(e->rank, 3);
        assert_memory_equal(e->dim, dim, sizeof dim);
        assert_int_equal(e->bytes, 6 * gan_dtype_size(d));
        assert_memory_equal(e->data, bytes + d, e->bytes);
        assert_int_equal((size_t)((const char *)e->data - first) % gan_dtype_size(d), 0);
    }
    assert_null(gan_safetensors_find(s, "F3"));
    assert_null(gan_safetensors_metadata(s, "F32"));
    gan_safetensors_close(s);
    gan_safetensors_close(NULL);
}

static void names_shapes_and_metadata(void **state) {
    (void)state;
    static const char *const names[] = {"", "z\xc3\xbcge.\xe7\x94\x9f\xe6\x88\x90",
                                        "\xf0\x9f\x98\x80", "a\"b\\c/\b\f\n\r\t\x01\x1f\x7f",
                                        "__metadata__ "};
    const int64_t dim[GAN_MAX_RANK] = {1, 1, 1, 1, 1, 1, 1, 1}, none[] = {5, 0, INT64_C(1) << 40};
    const float x = 2.5f;
    char big[20000];
    memset(big, '{', sizeof big - 1);
    big[sizeof big - 1] = 0;
    gan_safetensors_writer *w = gan_safetensors_writer_create();
    for (size_t i = 0; i < 5; i++)
        gan_safetensors_writer_add(w, names[i], GAN_DTYPE_F32, i ? GAN_MAX_RANK : 0, dim, &x);
    gan_safetensors_writer_add(w, "none", GAN_DTYPE_F64, 3, none, NULL);
    gan_safetensors_writer_add_metadata(w, "z", big);
    gan_safetensors_writer_add_metadata(w, "a\n", "{\"size\":64}");
    must_write(w);
    gan_safetensors *s = must_open();
    for (size_t i = 0; i < 5; i++) {
        const gan_safetensors_entry *e = gan_safetensors_find(s, names[i]);
        assert_non_null(e);
        assert_string_equal(e->name, names[i]);
        assert_int_equal(e->rank, i ? GAN_MAX_RANK : 0);
        assert_memory_equal(e->data, &x, 4);
    }
    const gan_safetensors_entry *e = gan_safetensors_find(s, "none");
    assert_int_equal(e->bytes, 0);
    assert_memory_equal(e->dim, none, sizeof none);
    assert_string_equal(gan_safetensors_metadata(s, "z"), big);
    assert_string_equal(gan_safetensors_metadata(s, "a\n"), "{\"size\":64}");
    assert_null(gan_safetensors_metadata(s, "b"));
    assert_int_equal(gan_safetensors_metadata_count(s), 2);
    assert_string_equal(gan_safetensors_metadata_at(s, 0)->key, "a\n");
    assert_string_equal(gan_safetensors_metadata_at(s, 1)->value, big);
    assert_null(gan_safetensors_metadata_at(s, 2));
    gan_safetensors_close(s);
}

static void many_tensors(void **state) {
    (void)state;
    enum { N = 10000 };
    static int32_t values[N];
    char name[32];
    const int64_t dim = 1;
    gan_safetensors_writer *w = gan_safetensors_writer_create();
    for (int i = 0; i < N; i++) {
        int k = (int)((int64_t)i * 7919 % N);
        values[k] = -k;
        snprintf(name, sizeof name, "layer.%d.weight", k);
        gan_safetensors_writer_add(w, name, GAN_DTYPE_I32, 1, &dim, &values[k]);
    }
    must_write(w);
    gan_safetensors *s = must_open();
    assert_int_equal(gan_safetensors_count(s), N);
    for (int i = 0; i < N; i++) {
        int64_t v = 0;
        snprintf(name, sizeof name, "layer.%d.weight", i);
        const gan_safetensors_entry *e = gan_safetensors_find(s, name);
        assert_non_null(e);
        assert_int_equal(gan_safetensors_read_i64(e, &v, 1, NULL), GAN_OK);
        assert_int_equal(v, -i);
    }
    gan_safetensors_close(s);
}

static void writes(gan_safetensors_writer *w, const char *bytes, size_t size) {
    unsigned char file[512];
    must_write(w);
    assert_int_equal(get_file(file, sizeof file), size);
    assert_memory_equal(file, bytes, size);
}

/* The bytes of the reference implementation's own tests, and one file with everything in it. */
static void golden_bytes(void **state) {
    (void)state;
    static const char forced[] =
        "\x48\0\0\0\0\0\0\0"
        "{\"attn0\":{\"dtype\":\"F32\",\"shape\":[1,1,2,3],"
        "\"data_offsets\":[0,24]}}       "
        "\0\0\0\0\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40\0\0\x80\x40\0\0\xa0\x40";
    static const char empty[] = "\x08\0\0\0\0\0\0\0{}      ";
    static const char pt[] = "\x28\0\0\0\0\0\0\0{\"__metadata__\":{\"framework\":\"pt\"}}     ";
    static const char all[] =
        "\x08\x01\0\0\0\0\0\0"
        "{\"__metadata__\":{\"a\":\"1\\n\",\"b\":\"\\u001f\"},"
        "\"n\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
        "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]},"
        "\"b\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[12,12]},"
        "\"m\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[12,13]}}      "
        "\x07\0\0\0\0\0\0\0\0\0\x80\x3f\x01";
    const float x[] = {0, 1, 2, 3, 4, 5};
    const int64_t shape[] = {1, 1, 2, 3}, one = 1, zero = 0;
    const unsigned char seven[8] = {7}, yes = 1;
    gan_safetensors_writer *w = gan_safetensors_writer_create();
    writes(w, empty, sizeof empty - 1);

    w = gan_safetensors_writer_create();
    gan_safetensors_writer_add_metadata(w, "framework", "pt");
    writes(w, pt, sizeof pt - 1);

    w = gan_safetensors_writer_create();
    gan_safetensors_writer_add(w, "attn0", GAN_DTYPE_F32, 4, shape, x);
    writes(w, forced, sizeof forced - 1);

    w = gan_safetensors_writer_create();
    gan_safetensors_writer_add(w, "m", GAN_DTYPE_BOOL, 1, &one, &yes);
    gan_safetensors_writer_add(w, "b", GAN_DTYPE_F32, 1, &zero, NULL);
    gan_safetensors_writer_add(w, "a", GAN_DTYPE_F32, 1, &one, x + 1);
    gan_safetensors_writer_add(w, "n", GAN_DTYPE_I64, 0, NULL, seven);
    gan_safetensors_writer_add_metadata(w, "b", "\x1f");
    gan_safetensors_writer_add_metadata(w, "a", "1\n");
    writes(w, all, sizeof all - 1);
    gan_safetensors_close(must_open());
}

static void conversions(void **state) {
    (void)state;
    static const struct {
        gan_dtype dtype;
        unsigned char bytes[8];
        double value;
    } rows[] = {
        {GAN_DTYPE_BOOL, {1}, 1},
        {GAN_DTYPE_U8, {200}, 200},
        {GAN_DTYPE_I8, {0x80}, -128},
        {GAN_DTYPE_I16, {0xfe, 0xff}, -2},
        {GAN_DTYPE_U16, {0xfe, 0xff}, 65534},
        {GAN_DTYPE_F16, {0x00, 0x3c}, 1},
        {GAN_DTYPE_F16, {0x01, 0x80}, -5.9604644775390625e-08},
        {GAN_DTYPE_F16, {0xff, 0x7b}, 65504},
        {GAN_DTYPE_F16, {0x00, 0xfc}, -(double)INFINITY},
        {GAN_DTYPE_BF16, {0x20, 0xc0}, -2.5},
        {GAN_DTYPE_I32, {0x00, 0x00, 0x00, 0x80}, -2147483648.0},
        {GAN_DTYPE_U32, {0x00, 0x00, 0x00, 0x80}, 2147483648.0},
        {GAN_DTYPE_F32, {0xcd, 0xcc, 0xcc, 0x3d}, (double)0.1f},
        {GAN_DTYPE_F64, {0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f}, 0.1},
        {GAN_DTYPE_I64, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, -1},
        {GAN_DTYPE_U64, {0, 0, 0, 0, 0, 0, 0, 0x80}, 9223372036854775808.0},
    };
    gan_error err = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gan_dtype d = rows[i].dtype;
        gan_safetensors_entry e = {"t", d, 0, {0}, rows[i].bytes, gan_dtype_size(d)};
        gan_real x[2] = {0, 77};
        int64_t n[2] = {0, 77};
        assert_int_equal(gan_safetensors_read_real(&e, x, 1, &err), GAN_OK);
        assert_true(x[0] == (gan_real)rows[i].value && x[1] == 77);
        assert_int_equal(gan_safetensors_read_real(&e, x, 2, &err), GAN_ESHAPE);
        int exact = d != GAN_DTYPE_F16 && d != GAN_DTYPE_BF16 && d != GAN_DTYPE_F32 &&
                    d != GAN_DTYPE_F64 && d != GAN_DTYPE_U64;
        assert_int_equal(gan_safetensors_read_i64(&e, n, 1, &err),
                         exact ? GAN_OK : GAN_EUNSUPPORTED);
        if (exact) assert_int_equal(n[0], (int64_t)rows[i].value);
        assert_int_equal(gan_safetensors_read_i64(&e, n, 0, &err), GAN_ESHAPE);
        assert_int_equal(n[1], 77);
    }
    static const unsigned char nan16[] = {0x01, 0x7c};
    gan_safetensors_entry e = {"t", GAN_DTYPE_F16, 0, {0}, nan16, 2};
    gan_real x = 0;
    assert_int_equal(gan_safetensors_read_real(&e, &x, 1, NULL), GAN_OK);
    assert_true(isnan(x));
}

/* --- what is not written --- */

static void not_written(gan_safetensors_writer *w, gan_status code, const char *words) {
    gan_error err = {0};
    const float x = 1;
    gan_safetensors_writer_add(w, "after", GAN_DTYPE_F32, 0, NULL, &x);
    gan_status status = gan_safetensors_writer_write(w, path, &err);
    if (status != code || !strstr(err.text, words))
        fail_msg("expected %d \"%s\", got %d \"%s\"", code, words, status, err.text);
    assert_int_equal(gan_safetensors_writer_write(w, path, NULL), code);
    gan_safetensors_writer_free(w);
    assert_int_not_equal(access(temporary, F_OK), 0);
}

static void refused_tensors(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int dtype, rank;
        int64_t dim[GAN_MAX_RANK];
        int data;
        const char *words;
    } rows[] = {
        {"__metadata__", GAN_DTYPE_F32, 0, {0}, 1, "reserved name \"__metadata__\""},
        {"a\x80", GAN_DTYPE_F32, 0, {0}, 1, "the tensor name \"a?\" is no UTF-8"},
        {"a\xc0\xaf", GAN_DTYPE_F32, 0, {0}, 1, "is no UTF-8"},
        {"a\xe0\x9f\xbf", GAN_DTYPE_F32, 0, {0}, 1, "is no UTF-8"},
        {"a\xed\xa0\x80", GAN_DTYPE_F32, 0, {0}, 1, "is no UTF-8"},
        {"a\xf4\x90\x80\x80", GAN_DTYPE_F32, 0, {0}, 1, "is no UTF-8"},
        {"a\xf0\x9f\x98", GAN_DTYPE_F32, 0, {0}, 1, "is no UTF-8"},
        {"a", 13, 0, {0}, 1, "tensor \"a\": 13 is no gan_dtype"},
        {"a", -1, 0, {0}, 1, "tensor \"a\": -1 is no gan_dtype"},
        {"a", GAN_DTYPE_F32, 9, {0}, 1, "tensor \"a\" has rank 9"},
        {"a", GAN_DTYPE_F32, -1, {0}, 1, "tensor \"a\" has rank -1"},
        {"a", GAN_DTYPE_F32, 2, {1, -1}, 1, "tensor \"a\": dimension 1 is -1"},
        {"a", GAN_DTYPE_F32, 2, {INT64_MAX, 2}, 1, "tensor \"a\": the size of F32 [92"},
        {"a", GAN_DTYPE_F32, 1, {1}, 0, "tensor \"a\" of shape [1] has no data"},
    };
    const float x = 1;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gan_safetensors_writer *w = gan_safetensors_writer_create();
        gan_safetensors_writer_add(w, rows[i].name, (gan_dtype)rows[i].dtype, rows[i].rank,
                                   rows[i].dim, rows[i].data ? &x : NULL);
        gan_safetensors_writer_add_metadata(w, "k", "\xff"); /* the first error stays */
        not_written(w, GAN_EINVAL, rows[i].words);
    }
}

static void refused_twice(void **state) {
    (void)state;
    const float x = 1;
    gan_safetensors_writer *w = gan_safetensors_writer_create();
    gan_safetensors_writer_add(w, "a", GAN_DTYPE_F32, 0, NULL, &x);
    gan_safetensors_writer_add(w, "a", GAN_DTYPE_I32, 0, NULL, &x);
    not_written(w, GAN_EINVAL, "tensor \"a\" was added twice");
    w = gan_safetensors_writer_create();
    gan_safetensors_writer_add_metadata(w, "k", "1");
    gan_safetensors_writer_add_metadata(w, "k", "2");
    not_written(w, GAN_EINVAL, "metadata \"k\" was added twice");
    w = gan_safetensors_writer_create();
    gan_safetensors_writer_add_metadata(w, "k", "\xff");
    not_written(w, GAN_EINVAL, "metadata \"k\": the value is no UTF-8");
    w = gan_safetensors_writer_create();
    gan_safetensors_writer_add_metadata(w, "\xff", "");
    not_written(w, GAN_EINVAL, "metadata \"?\": the key is no UTF-8");
    not_written(NULL, GAN_ENOMEM, "");
}

/* --- what cannot be written --- */

static gan_safetensors_writer *one_tensor(const float *x, int64_t n) {
    gan_safetensors_writer *w = gan_safetensors_writer_create();
    gan_safetensors_writer_add(w, "x", GAN_DTYPE_F32, 1, &n, x);
    return w;
}

static void disk_full(void **state) {
    (void)state;
    static float big[100000];
    struct rlimit old, small;
    must_write(one_tensor(big, 1));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 65536;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    gan_error err = {0};
    gan_safetensors_writer *w = one_tensor(big, 100000);
    gan_status status = gan_safetensors_writer_write(w, path, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(status, GAN_EIO);
    assert_non_null(strstr(err.text, path));
    assert_int_not_equal(access(temporary, F_OK), 0);
    gan_safetensors *s = must_open(); /* the old file */
    assert_int_equal(gan_safetensors_at(s, 0)->bytes, 4);
    gan_safetensors_close(s);
    must_write(w); /* and now there is room */
}

static void unwritable(void **state) {
    (void)state;
    const float x = 1;
    char other[96];
    gan_error err = {0};
    gan_safetensors_writer *w = one_tensor(&x, 1);
    put_file("old", 3);
    snprintf(other, sizeof other, "%s/t", path); /* below a file */
    assert_int_equal(gan_safetensors_writer_write(w, other, &err), GAN_EIO);
    assert_non_null(strstr(err.text, other));
    assert_int_equal(mkdir(temporary, 0777), 0); /* no room for the temporary file */
    assert_int_equal(gan_safetensors_writer_write(w, path, &err), GAN_EIO);
    assert_int_equal(rmdir(temporary), 0);
    unsigned char file[8];
    assert_int_equal(get_file(file, sizeof file), 3);
    assert_memory_equal(file, "old", 3);
    if (geteuid()) { /* root may write anywhere */
        assert_int_equal(chmod(dir, 0500), 0);
        assert_int_equal(gan_safetensors_writer_write(w, path, &err), GAN_EIO);
        assert_int_equal(chmod(dir, 0700), 0);
    }
    remove(path);
    assert_int_equal(mkdir(path, 0777), 0); /* a file cannot replace a directory */
    assert_int_equal(gan_safetensors_writer_write(w, path, &err), GAN_EIO);
    assert_int_not_equal(access(temporary, F_OK), 0);
    assert_int_equal(rmdir(path), 0);
    gan_safetensors_writer_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),    cmocka_unit_test(names_shapes_and_metadata),
        cmocka_unit_test(many_tensors),  cmocka_unit_test(golden_bytes),
        cmocka_unit_test(conversions),   cmocka_unit_test(refused_tensors),
        cmocka_unit_test(refused_twice), cmocka_unit_test(disk_full),
        cmocka_unit_test(unwritable),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
