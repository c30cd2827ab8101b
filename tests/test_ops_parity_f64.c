/* SPDX-License-Identifier: MIT
 *
 * Operations on images, GELU, PReLU and embeddings give PyTorch's values and gradients
 * (golden/ops.py), in double. */
#include "support.h"
#include "tape_fixture.h"

#include <stdlib.h>

#include "gan/pointwise.h"
#include "gan/resample.h"
#include "gan/safetensors.h"
#include "gan/shape.h"

static gan_safetensors *golden;

static const gan_safetensors_entry *entry(const char *name, const char *part) {
    char full[64];
    snprintf(full, sizeof full, "%s.%s", name, part);
    const gan_safetensors_entry *e = gan_safetensors_find(golden, full);
    if (!e) fail_msg("there is no %s", full);
    return e;
}

static gan_tensor *tensor(const char *name, const char *part) {
    const gan_safetensors_entry *e = entry(name, part);
    gan_tensor *x = gan_input(t, e->rank, e->dim, NULL);
    gan_error err;
    if (gan_safetensors_read_real(e, gan_tensor_edit(x), (size_t)gan_tensor_size(x), &err))
        fail_msg("%s", err.text);
    return x;
}

/* The matrices lie in the file as the operation takes them, but perhaps at no double's address. */
static gan_tensor *sample_affine(gan_tape *tape, gan_tensor *x) {
    const gan_safetensors_entry *e = entry("sample_affine", "m");
    double m[18];
    assert_int_equal(e->bytes, sizeof m);
    memcpy(m, e->data, sizeof m);
    return gan_sample_affine(tape, x, m);
}

static gan_tensor *gelu(gan_tape *tape, gan_tensor *x) {
    return gan_scale(tape, gan_gelu(tape, gan_scale(tape, x, 3)), 1.0 / 3);
}

#define OP(name, expression)                                                                       \
    static gan_tensor *name(gan_tape *tape, gan_tensor *x) {                                       \
        return expression;                                                                         \
    }
OP(pixel_shuffle, gan_pixel_shuffle(tape, x, 3))
OP(pixel_unshuffle, gan_pixel_unshuffle(tape, x, 2))
OP(resize_up, gan_resize_bilinear(tape, x, 9, 11))
OP(resize_down, gan_resize_bilinear(tape, x, 4, 3))
OP(reflect, gan_pad_image(tape, x, 2, 0, 1, 3, GAN_PAD_REFLECT))
OP(replicate, gan_pad_image(tape, x, 2, 0, 1, 6, GAN_PAD_REPLICATE))
OP(max_pool, gan_max_pool(tape, x, 3, 2, 1))
OP(prelu, gan_prelu(tape, x, gan_full(tape, 1, DIMS(1), 0.25)))
OP(embedding, gan_embedding(tape, x, 6, (const int[]){4, 0, 4, 2, 4, 0}))

static void like_pytorch(void **state) {
#define ROW(name)                                                                                  \
    { #name, name }
    static const struct {
        const char *name;
        gan_tensor *(*run)(gan_tape *tape, gan_tensor *x);
    } rows[] = {
        ROW(pixel_shuffle), ROW(pixel_unshuffle), ROW(resize_up), ROW(resize_down),
        ROW(reflect),       ROW(replicate),       ROW(max_pool),  ROW(gelu),
        ROW(prelu),         ROW(sample_affine),   ROW(embedding),
    };
    (void)state;
    for (int i = 0; i < COUNT(rows); i++) {
        gan_tensor *x = tensor(rows[i].name, "x"), *want = tensor(rows[i].name, "y"), *g;
        gan_tensor *y = rows[i].run(t, x);
        print_message("%s\n", rows[i].name);
        assert_tape_ok(t);
        assert_shape(y, gan_tensor_rank(want), entry(rows[i].name, "y")->dim);
        assert_values(y, gan_tensor_data(want), 1e-13);
        gan_grad(t, y, tensor(rows[i].name, "seed"), 1, &x, &g, 0);
        assert_tape_ok(t);
        assert_values(g, gan_tensor_data(tensor(rows[i].name, "grad")), 1e-13);
        gan_tape_reset(t);
    }
}

static int open_golden(void **state) {
    const char *folder = getenv("GAN_GOLDEN");
    char path[4096];
    snprintf(path, sizeof path, "%s/ops.safetensors", folder ? folder : "golden");
    return setup(state) || gan_safetensors_open(path, &golden, NULL);
}

static int close_golden(void **state) {
    gan_safetensors_close(golden);
    return teardown(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(like_pytorch)};
    return cmocka_run_group_tests(tests, open_golden, close_golden);
}
