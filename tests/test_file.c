/* SPDX-License-Identifier: MIT
 *
 * Files are read whole or refused with their path and the reason; a file that is written replaces
 * the old one whole or not at all. */
#include "support.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

static char dir[] = "/tmp/gan_file_XXXXXX";
static char path[64], temporary[72];

static int setup(void **state) {
    (void)state;
    if (!mkdtemp(dir)) return -1;
    snprintf(path, sizeof path, "%s/file", dir);
    snprintf(temporary, sizeof temporary, "%s.tmp", path);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    remove(path);
    return rmdir(dir); /* fails when anything else was left */
}

static void write_text(const char *text) {
    gan__writer w;
    gan_error err = {0};
    if (gan__writer_open(&w, path, &err)) fail_msg("%s", err.text);
    gan__writer_put(&w, text, strlen(text));
    if (gan__writer_commit(&w, &err)) fail_msg("%s", err.text);
}

static void holds(const char *text) {
    unsigned char *data;
    size_t size;
    gan_error err = {0};
    if (gan__file_read(path, 1000, &data, &size, &err)) fail_msg("%s", err.text);
    assert_int_equal(size, strlen(text));
    assert_string_equal((char *)data, text);
    gan__free(data);
    assert_int_not_equal(access(temporary, F_OK), 0);
}

static void written_and_read(void **state) {
    (void)state;
    write_text("first");
    holds("first");
    write_text("");
    holds("");
    write_text("second");
    holds("second");
}

static void little_endian(void **state) {
    gan__writer w;
    unsigned char *data;
    size_t size;
    (void)state;
    assert_int_equal(gan__writer_open(&w, path, NULL), GAN_OK);
    gan__writer_put_u64(&w, 0x0102030405060708);
    assert_int_equal(gan__writer_commit(&w, NULL), GAN_OK);
    assert_int_equal(gan__file_read(path, 8, &data, &size, NULL), GAN_OK);
    assert_memory_equal(data, "\x08\x07\x06\x05\x04\x03\x02\x01", 9);
    assert_true(gan__load_u64(data) == 0x0102030405060708);
    assert_true(gan__load_u64((const unsigned char *)"\xff\xff\xff\xff\xff\xff\xff\xff") ==
                UINT64_MAX);
    gan__free(data);
}

static void refused(gan_status code, const char *text, const char *name, size_t limit) {
    unsigned char *data;
    size_t size;
    gan_error err = {0};
    assert_int_equal(gan__file_read(name, limit, &data, &size, &err), code);
    assert_int_equal(err.code, code);
    if (!strstr(err.text, text) || !strstr(err.text, name)) fail_msg("%s", err.text);
    assert_int_equal(gan__file_read(name, limit, &data, &size, NULL), code);
}

static void reading_refused(void **state) {
    char missing[80];
    (void)state;
    write_text("12345");
    snprintf(missing, sizeof missing, "%s/none", dir);
    refused(GAN_EIO, "cannot open", missing, 10);
    refused(GAN_EIO, "is not a regular file", dir, 1 << 20);
    refused(GAN_EIO, "is not a regular file", "/dev/zero", 1 << 20);
    assert_int_equal(mkfifo(missing, 0600), 0); /* nobody writes into it: no reason to wait */
    refused(GAN_EIO, "is not a regular file", missing, 10);
    assert_int_equal(remove(missing), 0);
    refused(GAN_EFORMAT, "has 5 bytes, more than the limit of 4", path, 4);
}

static void abandoned(void **state) {
    gan__writer w;
    (void)state;
    write_text("kept");
    assert_int_equal(gan__writer_open(&w, path, NULL), GAN_OK);
    gan__writer_put(&w, "lost", 4);
    assert_int_equal(access(temporary, F_OK), 0);
    gan__writer_abandon(&w);
    gan__writer_abandon(&w);
    holds("kept");
}

/* A limit on the size of files stands for a full disk. */
static void full_disk(void **state) {
    struct rlimit old, low;
    static char block[1 << 16];
    gan__writer w;
    gan_error err = {0};
    (void)state;
    write_text("kept");
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    low = old, low.rlim_cur = 100000;
    assert_int_equal(gan__writer_open(&w, path, &err), GAN_OK);
    setrlimit(RLIMIT_FSIZE, &low);
    for (int i = 0; i < 4; i++) gan__writer_put(&w, block, sizeof block);
    gan_status s = gan__writer_commit(&w, &err);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(s, GAN_EIO);
    char text[200];
    snprintf(text, sizeof text, "cannot write %s: File too large", path);
    assert_string_equal(err.text, text);
    holds("kept");
}

static void writing_refused(void **state) {
    gan__writer w;
    gan_error err = {0};
    char name[80], text[200];
    (void)state;
    snprintf(name, sizeof name, "%s/none/file", dir);
    snprintf(text, sizeof text, "cannot create %s.tmp: No such file or directory", name);
    assert_int_equal(gan__writer_open(&w, name, &err), GAN_EIO);
    assert_string_equal(err.text, text);
    gan__writer_abandon(&w);
    snprintf(name, sizeof name, "%s/folder", dir);
    assert_int_equal(mkdir(name, 0700), 0);
    assert_int_equal(gan__writer_open(&w, name, &err), GAN_OK);
    assert_int_equal(gan__writer_commit(&w, &err), GAN_EIO); /* a folder is in the way */
    snprintf(text, sizeof text, "cannot write %s: Is a directory", name);
    assert_string_equal(err.text, text);
    assert_int_equal(rmdir(name), 0);
}

static void joined(const char *a, const char *b, const char *want) {
    char *p = gan__path_join(a, b);
    assert_string_equal(p, want);
    gan__free(p);
}

static void folders(void **state) {
    char name[80], parent[80], text[200];
    gan_error err = {0};
    struct stat st;
    (void)state;
    joined("a", "b", "a/b");
    joined("a/", "b", "a/b");
    joined("", "b", "b");
    joined("/", "b", "/b");
    snprintf(parent, sizeof parent, "%s/x", dir);
    snprintf(name, sizeof name, "%s/x//y/", dir);
    for (int i = 0; i < 2; i++) assert_int_equal(gan__dir_make(name, &err), GAN_OK);
    assert_true(!stat(name, &st) && S_ISDIR(st.st_mode));
    assert_int_equal(rmdir(name), 0);
    assert_int_equal(rmdir(parent), 0);
    write_text("in the way");
    snprintf(name, sizeof name, "%s/y", path);
    snprintf(text, sizeof text, "cannot make the directory %s: Not a directory", name);
    assert_int_equal(gan__dir_make(name, &err), GAN_EIO);
    assert_string_equal(err.text, text);
    assert_int_equal(gan__dir_make(path, &err), GAN_EIO);
    assert_int_equal(gan__dir_make("", &err), GAN_EIO);
    assert_int_equal(gan__dir_make("/", &err), GAN_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_and_read), cmocka_unit_test(little_endian),
        cmocka_unit_test(reading_refused),  cmocka_unit_test(abandoned),
        cmocka_unit_test(full_disk),        cmocka_unit_test(writing_refused),
        cmocka_unit_test(folders),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
