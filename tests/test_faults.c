/* SPDX-License-Identifier: MIT
 *
 * Every allocation of the lower floors fails once: the linker puts the two functions below in place
 * of the C allocator's. Each failure must be a clean GAN_ENOMEM that leaves nothing allocated, and
 * after which the same tape works again. */
#include "support.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "gan/attention.h"
#include "gan/conv2d.h"
#include "gan/matmul.h"
#include "gan/norm.h"
#include "gan/pointwise.h"
#include "gan/resample.h"
#include "gan/shape.h"
#include "gan/softmax.h"
#include "tensor/internal.h"

void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *p);
void __wrap_free(void *p);

static long calls, fail_at, live;

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
    calls++;
    if (calls == fail_at) return NULL;
    void *p = __real_aligned_alloc(alignment, size);
    live += p != NULL;
    return p;
}

void __wrap_free(void *p) {
    live -= p != NULL;
    __real_free(p);
}

/* The next allocation but n - 1 fails; 0: none. */
static void arm(long n) {
    calls = 0;
    fail_at = n;
}

/* --- the tape --- */

/* x[3,2,2,3] attends to itself; what its three parts make of one another is added to each. */
static gan_tensor *attend(gan_tape *t, gan_tensor *x) {
    gan_tensor *q = gan_reshape(t, x, 3, DIMS(3, 4, 3));
    gan_tensor *all = gan_self_attention(t, gan_reshape(t, x, 4, DIMS(3, 1, 4, 3)), 0.5);
    gan_tensor *y = gan_attention(t, q, q, gan_slice(t, q, 2, 0, 3), 0.5);
    return gan_reshape(t, gan_add(t, y, all), 2, DIMS(3, -1));
}

/* Something of each floor: every operation that takes scratch, aliases or several tensors. */
static gan_tensor *expression(gan_tape *t, gan_tensor *w, gan_tensor *gamma) {
    static const int labels[] = {0, 2, 1};
    gan_tensor *x = gan_full(t, 4, DIMS(3, 4, 4, 2), 0.5), *parts[2];
    gan_tape_push(t, "layer");
    gan_tensor *y = gan_conv2d(t, x, w, gan_window_square(2, 1));
    y = gan_batch_norm(t, y, gamma, gamma, 1e-5, NULL, NULL);
    y = gan_group_norm(t, gan_upsample_nearest(t, y, 2), 1, NULL, NULL, 1e-5);
    gan_tape_push(t, "inner");
    y = gan_conv_transpose2d(t, gan_leaky_relu(t, y, 0.2), w, gan_window_square(2, 1), 0);
    gan_tape_pop(t);
    parts[0] = gan_average_pool(t, y, 4), parts[1] = gan_slice(t, gan_tanh(t, parts[0]), 3, 0, 1);
    y = attend(t, gan_concat(t, 2, parts, -1));
    y = gan_matmul(t, gan_permute(t, y, (const int[]){1, 0}), gan_full(t, 2, DIMS(3, 3), 1), 0);
    y = gan_add(t, gan_softmax(t, gan_slice(t, y, 0, 0, 3)), gan_sum(t, y, 1));
    gan_tape_pop(t);
    return gan_cross_entropy(t, gan_detach(t, y) ? y : NULL, labels);
}

/* A step with a gradient of a gradient. */
static gan_status step(gan_tape *t, gan_tensor *w, gan_tensor *gamma) {
    gan_tensor *const wrt[] = {w, gamma};
    gan_tensor *g[2] = {w, w}, *gg[2] = {w, w};
    gan_tensor *loss = expression(t, w, gamma);
    gan_grad(t, loss, NULL, 2, wrt, g, GAN_GRAD_RECORD);
    gan_tensor *penalty = gan_mean_all(t, gan_square(t, g[0]));
    gan_status s = gan_grad(t, gan_add(t, loss, penalty), NULL, 2, wrt, gg, 0);
    assert_int_equal(s, gan_tape_status(t));
    if (s) assert_true(!gg[0] && !gg[1]);
    return s;
}

/* Everything from nothing, where one take of memory by an operation fails; 1: it worked. */
static int whole_life(size_t refuse) {
    gan_tape *t = gan_tape_create(2);
    gan_tensor *w = gan_tensor_create(4, DIMS(3, 4, 4, 2)), *gamma = gan_tensor_create(1, DIMS(3));
    int made = t && w && gamma, worked = 0;
    if (t) t->pool.refuse = refuse;
    if (made) {
        for (int i = 0; i < 96; i++) gan_tensor_edit(w)[i] = (gan_real)(i % 7 - 3) / 10;
        for (int i = 0; i < 3; i++) gan_tensor_edit(gamma)[i] = 1;
        worked = step(t, w, gamma) == GAN_OK;
        if (!worked) {
            assert_int_equal(gan_tape_status(t), GAN_ENOMEM);
            assert_non_null(strstr(gan_tape_error(t)->text, "memory"));
            gan_tape_reset(t);
            arm(0);
            assert_int_equal(t->pool.refuse, 0);
            assert_int_equal(step(t, w, gamma), GAN_OK);
            assert_true(gan_tape_memory(t).in_use > 0);
        }
        gan_tape_reset(t);
        assert_int_equal(gan_tape_memory(t).in_use, 0);
    }
    gan_tensor_free(gamma);
    gan_tensor_free(w);
    gan_tape_free(t);
    return worked;
}

static void every_allocation_of_a_step(void **state) {
    long n = 1;
    (void)state;
    for (;; n++) {
        live = 0;
        arm(n);
        int worked = whole_life(0);
        if (live) fail_msg("%ld blocks left after allocation %ld failed", live, n);
        if (worked) break;
    }
    arm(0);
    printf("%ld allocations failed in turn\n", n - 1);
    assert_true(n > 5);
}

static void every_take_of_a_step(void **state) {
    size_t n = 1;
    (void)state;
    arm(0);
    live = 0;
    while (!whole_life(n)) n++;
    assert_int_equal(live, 0);
    printf("%zu operations got no memory in turn\n", n - 1);
    assert_true(n > 150);
}

static void a_third_step_allocates_nothing(void **state) {
    gan_tape *t = gan_tape_create(2);
    gan_tensor *w = gan_tensor_create(4, DIMS(3, 4, 4, 2)), *gamma = gan_tensor_create(1, DIMS(3));
    (void)state;
    for (int i = 0; i < 5; i++) {
        arm(0);
        assert_int_equal(step(t, w, gamma), GAN_OK);
        gan_tape_reset(t);
        if (i > 1) assert_int_equal(calls, 0);
    }
    gan_tensor_free(gamma);
    gan_tensor_free(w);
    gan_tape_free(t);
}

/* Kept chunks are passed over, never lost, when a later use asks for other sizes. */
static void arenas_lose_nothing(void **state) {
    static const size_t sizes[] = {100, 200000, 65000, 10, 500000, 70000, 1};
    gan__arena a = {0};
    (void)state;
    live = 0;
    arm(0);
    for (size_t round = 0; round < 20; round++) {
        for (size_t i = 0; i < 7; i++) {
            size_t size = sizes[(i * (round % 6 + 1) + round) % 7];
            memset(gan__arena_take(&a, size), 1, size);
        }
        gan__arena_reset(&a);
    }
    assert_true(live > 0);
    gan__arena_free(&a);
    assert_int_equal(live, 0);
}

/* --- files --- */

static char dir[] = "/tmp/gan_faults_XXXXXX";

/* A directory, a file in it written and read; returns what the first failure says. */
static gan_status files(void) {
    gan_error err = {0};
    char *sub = gan__path_join(dir, "a"), *path = sub ? gan__path_join(sub, "f") : NULL;
    unsigned char *data = NULL;
    size_t size = 0;
    gan__writer w;
    gan_status s = path ? gan__dir_make(sub, &err) : GAN_ENOMEM;
    if (!s) s = gan__writer_open(&w, path, &err);
    if (!s) {
        gan__writer_put(&w, "abc", 3);
        s = gan__writer_commit(&w, &err);
    }
    if (!s) s = gan__file_read(path, 100, &data, &size, &err);
    if (!s) assert_true(size == 3 && !memcmp(data, "abc", 4));
    gan__free(data);
    gan__free(path);
    gan__free(sub);
    return s;
}

static void every_allocation_of_files(void **state) {
    char path[64];
    int failures = 0;
    (void)state;
    assert_non_null(mkdtemp(dir));
    for (long n = 1; n < 20; n++) {
        live = 0;
        arm(n);
        gan_status s = files();
        assert_true(s == GAN_OK || s == GAN_ENOMEM);
        assert_int_equal(live, 0);
        failures += s != GAN_OK;
    }
    arm(0);
    assert_int_equal(failures, 6); /* not the one whose failure only loses a flush of the folder */
    snprintf(path, sizeof path, "%s/a/f", dir);
    assert_int_equal(remove(path), 0);
    snprintf(path, sizeof path, "%s/a", dir);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(dir), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_of_a_step),     cmocka_unit_test(every_take_of_a_step),
        cmocka_unit_test(a_third_step_allocates_nothing), cmocka_unit_test(arenas_lose_nothing),
        cmocka_unit_test(every_allocation_of_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
