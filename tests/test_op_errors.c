/* SPDX-License-Identifier: MIT
 *
 * What operations refuse: code and exact message, with the scope and the shapes. */
#include "support.h"
#include "tape_fixture.h"

#include "gan/attention.h"
#include "gan/conv2d.h"
#include "gan/matmul.h"
#include "gan/norm.h"
#include "gan/pointwise.h"
#include "gan/resample.h"
#include "gan/shape.h"
#include "gan/softmax.h"

/* Under the address sanitizer an allocation that cannot be met gives NULL, as everywhere else. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "allocator_may_return_null=1";
}

static gan_tensor *zeros(int rank, const int64_t *dim) {
    return gan_input(t, rank, dim, NULL);
}
#define Z(...) zeros(RANK(__VA_ARGS__), DIMS(__VA_ARGS__))

/* The expression gives NULL and leaves the tape with this failure. */
#define REFUSED(code, text, expression)                                                            \
    do {                                                                                           \
        assert_null(expression);                                                                   \
        assert_tape_failed(t, code, text);                                                         \
    } while (0)

static void pointwise(void **state) {
    (void)state;
    REFUSED(GAN_ESHAPE, "add: [2,3] and [2] cannot be broadcast", gan_add(t, Z(2, 3), Z(2)));
    REFUSED(GAN_ESHAPE, "sub: [2,3] and [4,3] cannot be broadcast", gan_sub(t, Z(2, 3), Z(4, 3)));
    REFUSED(GAN_ESHAPE, "mul: [2,3] and [0] cannot be broadcast", gan_mul(t, Z(2, 3), Z(0)));
    REFUSED(GAN_ESHAPE, "div: [5] and [1,2,3] cannot be broadcast", gan_div(t, Z(5), Z(1, 2, 3)));
    REFUSED(GAN_ESHAPE, "gate: x is [2], v is [1,2]", gan_gate(t, Z(2), Z(1, 2), 0, 1, 0));
    REFUSED(GAN_ESHAPE, "prelu: the slope is [2], not one number", gan_prelu(t, Z(2), Z(2)));
    REFUSED(GAN_ESHAPE, "prelu: the slope is [1,1], not one number", gan_prelu(t, Z(2), Z(1, 1)));
    REFUSED(GAN_EINVAL, "tanh: operand 1 is NULL", gan_tanh(t, NULL));
    REFUSED(GAN_EINVAL, "mul: operand 2 is NULL", gan_mul(t, Z(1), NULL));
}

static void shapes(void **state) {
    gan_tensor *two[9];
    (void)state;
    REFUSED(GAN_ESHAPE, "reshape: [2,3] has 6 elements, not those asked for",
            gan_reshape(t, Z(2, 3), 1, DIMS(5)));
    REFUSED(GAN_ESHAPE, "reshape: [2,3] has 6 elements, not those asked for",
            gan_reshape(t, Z(2, 3), 2, DIMS(-1, 4)));
    REFUSED(GAN_ESHAPE, "reshape: [2,3] has 6 elements, not those asked for",
            gan_reshape(t, Z(2, 3), 2, DIMS(-1, -1)));
    REFUSED(GAN_ESHAPE, "reshape: [2,3] has 6 elements, not those asked for",
            gan_reshape(t, Z(2, 3), 2, DIMS(-2, -3)));
    REFUSED(GAN_ESHAPE, "reshape: [0] has 0 elements, not those asked for",
            gan_reshape(t, Z(0), 2, DIMS(0, -1)));
    REFUSED(GAN_ESHAPE, "permute: 2 is not an axis, or named twice",
            gan_permute(t, Z(2, 3), (const int[]){0, 2}));
    REFUSED(GAN_ESHAPE, "permute: 1 is not an axis, or named twice",
            gan_permute(t, Z(2, 3), (const int[]){1, 1}));
    REFUSED(GAN_ESHAPE, "slice: [1,+3) of axis 1 is outside [2,3]",
            gan_slice(t, Z(2, 3), -1, 1, 3));
    REFUSED(GAN_ESHAPE, "slice: [-1,+1) of axis 0 is outside [2,3]",
            gan_slice(t, Z(2, 3), 0, -1, 1));
    REFUSED(GAN_ESHAPE, "slice: [0,+1) of axis 2 is outside [2,3]", gan_slice(t, Z(2, 3), 2, 0, 1));
    REFUSED(GAN_ESHAPE, "pad: -1 before and 0 after axis 1", gan_pad(t, Z(2, 3), 1, -1, 0));
    REFUSED(GAN_ESHAPE, "pad: 0 before and 1 after axis 5", gan_pad(t, Z(2, 3), 5, 0, 1));
    two[0] = Z(2, 3), two[1] = Z(3, 3);
    REFUSED(GAN_ESHAPE, "concat: the tensors differ in more than axis 1",
            gan_concat(t, 2, two, -1));
    two[0] = Z(2, 3), two[1] = Z(2);
    REFUSED(GAN_ESHAPE, "concat: the tensors differ in more than axis 0", gan_concat(t, 2, two, 0));
    REFUSED(GAN_EINVAL, "concat: 9 tensors; 1 to 8 can be joined", gan_concat(t, 9, two, 0));
    REFUSED(GAN_EINVAL, "concat: 0 tensors; 1 to 8 can be joined", gan_concat(t, 0, two, 0));
    REFUSED(GAN_ESHAPE, "broadcast: [2,3] cannot be repeated up to the shape asked for",
            gan_broadcast(t, Z(2, 3), 2, DIMS(2, 4)));
    REFUSED(GAN_ESHAPE, "broadcast: [2,3] cannot be repeated up to the shape asked for",
            gan_broadcast(t, Z(2, 3), 1, DIMS(3)));
    REFUSED(GAN_ESHAPE, "sum: [2,3] cannot be summed down to the shape asked for",
            gan_sum_to(t, Z(2, 3), 1, DIMS(2)));
    REFUSED(GAN_ESHAPE, "sum: [3] cannot be summed down to the shape asked for",
            gan_sum_to(t, Z(3), 2, DIMS(1, 3)));
}

static void embeddings(void **state) {
    (void)state;
    REFUSED(GAN_EINVAL, "embedding: row 3, number 1, is not in [0,3)",
            gan_embedding(t, Z(3, 2), 2, (const int[]){0, 3}));
    REFUSED(GAN_EINVAL, "embedding: row -1, number 0, is not in [0,3)",
            gan_embedding(t, Z(3, 2), 2, (const int[]){-1, 5}));
    REFUSED(GAN_ESHAPE, "embedding: 1 rows of a table [3], not [K,D]",
            gan_embedding(t, Z(3), 1, (const int[]){0}));
    REFUSED(GAN_ESHAPE, "embedding: -1 rows of a table [3,2], not [K,D]",
            gan_embedding(t, Z(3, 2), -1, NULL));
}

/* Sizes whose product or sum does not fit into 64 bits. */
static void enormous(void **state) {
    const int64_t huge = INT64_C(1) << 40, most = INT64_MAX;
    (void)state;
    REFUSED(GAN_ESHAPE, "a shape of rank 2 is out of range",
            gan_input(t, 2, DIMS(huge, huge), NULL));
    REFUSED(GAN_ESHAPE, "a shape of rank 9 is out of range",
            gan_input(t, 9, DIMS(1, 1, 1, 1, 1, 1, 1, 1, 1), NULL));
    REFUSED(GAN_ESHAPE, "a shape of rank 1 is out of range", gan_input(t, 1, DIMS(-1), NULL));
    REFUSED(GAN_ENOMEM,
            "memory main: no room for 549755813888 MiB; a smaller batch or width needs less",
            (gan_tape_push(t, "main"),
             gan_input(t, 1, DIMS((INT64_C(1) << 59) / (int64_t)sizeof(gan_real)), NULL)));
    REFUSED(GAN_ESHAPE, "reshape: [2,3] has 6 elements, not those asked for",
            gan_reshape(t, Z(2, 3), 3, DIMS(huge, huge, -1)));
    REFUSED(GAN_ESHAPE, "reshape: [0] has 0 elements, not those asked for",
            gan_reshape(t, Z(0), 3, DIMS(huge, huge, huge)));
    REFUSED(GAN_ESHAPE, "slice: [1,+9223372036854775807) of axis 0 is outside [2]",
            gan_slice(t, Z(2), 0, 1, most));
    REFUSED(GAN_ESHAPE, "pad: 9223372036854775807 before and 9223372036854775807 after axis 0",
            gan_pad(t, Z(2), 0, most, most));
    assert_null(gan_tensor_create(2, DIMS(huge, huge)));
    assert_null(gan_tensor_create(9, DIMS(1, 1, 1, 1, 1, 1, 1, 1, 1)));
    assert_null(gan_tensor_create(1, DIMS(-1)));
    assert_null(gan_tensor_create(1, DIMS(INT64_C(1) << 57)));
}

static void products(void **state) {
    (void)state;
    REFUSED(GAN_ESHAPE, "matmul: [2,3] does not fit [2,3]", gan_matmul(t, Z(2, 3), Z(2, 3), 0));
    REFUSED(GAN_ESHAPE, "matmul: [2,3] transposed does not fit [3,2]",
            gan_matmul(t, Z(2, 3), Z(3, 2), GAN_TRANSPOSE_A));
    REFUSED(GAN_ESHAPE, "matmul: [2,3] does not fit [3,2] transposed",
            gan_matmul(t, Z(2, 3), Z(3, 2), GAN_TRANSPOSE_B));
    REFUSED(GAN_ESHAPE, "matmul: [2,2,3] does not fit [3,3,2]",
            gan_matmul(t, Z(2, 2, 3), Z(3, 3, 2), 0));
    REFUSED(GAN_ESHAPE, "matmul: [2,2,3] does not fit [3,2]",
            gan_matmul(t, Z(2, 2, 3), Z(3, 2), 0));
    REFUSED(GAN_ESHAPE, "matmul: [3] does not fit [3]", gan_matmul(t, Z(3), Z(3), 0));
}

static void convolutions(void **state) {
    const gan_window g = gan_window_square(2, 1);
    (void)state;
    gan_tape_push(t, "main");
    gan_tape_push(t, "4");
    REFUSED(GAN_ESHAPE,
            "conv2d main.4: x has 3 channels, w expects 16 (x [64,32,32,3], w [8,4,4,16])",
            gan_conv2d(t, Z(64, 32, 32, 3), Z(8, 4, 4, 16), g));
    REFUSED(GAN_ESHAPE, "conv2d: both operands need rank 4, not [2,3] and [1,1,1,1]",
            gan_conv2d(t, Z(2, 3), Z(1, 1, 1, 1), g));
    REFUSED(GAN_ESHAPE, "conv2d: the kernel of w [1,5,4,2] does not fit into x [1,2,9,2]",
            gan_conv2d(t, Z(1, 2, 9, 2), Z(1, 5, 4, 2), g));
    REFUSED(GAN_EINVAL, "conv2d: stride 0x1 and padding 0x0 are out of range",
            gan_conv2d(t, Z(1, 4, 4, 1), Z(1, 1, 1, 1), (gan_window){0, 1, 0, 0}));
    REFUSED(GAN_EINVAL, "conv2d: stride 1x1 and padding 0x-1 are out of range",
            gan_conv2d(t, Z(1, 4, 4, 1), Z(1, 1, 1, 1), (gan_window){1, 1, 0, -1}));
    REFUSED(GAN_ESHAPE, "conv2d_input: y has 3 channels, w expects 2 (y [1,4,4,3], w [2,4,4,1])",
            gan_conv2d_input(t, Z(1, 4, 4, 3), Z(2, 4, 4, 1), g, 8, 8));
    REFUSED(GAN_ESHAPE, "conv2d_input: y [1,4,4,2] and w [2,4,4,1] do not give an image of 10x8",
            gan_conv2d_input(t, Z(1, 4, 4, 2), Z(2, 4, 4, 1), g, 10, 8));
    REFUSED(GAN_ESHAPE, "conv2d_input: y [1,4,4,2] and w [2,4,4,1] do not give an image of 10x10",
            gan_conv_transpose2d(t, Z(1, 4, 4, 2), Z(2, 4, 4, 1), g, 2));
    REFUSED(GAN_ESHAPE, "conv2d_input: y [1,4,4,2] and w [2,4,4,1] do not give an image of 7x7",
            gan_conv_transpose2d(t, Z(1, 4, 4, 2), Z(2, 4, 4, 1), g, -1));
    REFUSED(GAN_ESHAPE, "conv2d_weight: x [1,8,8,2] and y [1,4,3,5] do not give a kernel of 4x4",
            gan_conv2d_weight(t, Z(1, 8, 8, 2), Z(1, 4, 3, 5), g, 4, 4));
    REFUSED(GAN_ESHAPE, "conv2d_weight: x [2,8,8,2] and y [1,4,4,5] do not give a kernel of 4x4",
            gan_conv2d_weight(t, Z(2, 8, 8, 2), Z(1, 4, 4, 5), g, 4, 4));
    REFUSED(GAN_ESHAPE, "conv2d: an operand has no elements: [0,4,4,2] and [1,4,4,2]",
            gan_conv2d(t, Z(0, 4, 4, 2), Z(1, 4, 4, 2), g));
    REFUSED(GAN_ESHAPE, "conv2d_input: an operand has no elements: [0,4,4,2] and [2,4,4,1]",
            gan_conv2d_input(t, Z(0, 4, 4, 2), Z(2, 4, 4, 1), g, 8, 8));
    REFUSED(GAN_ESHAPE, "conv2d_weight: an operand has no elements: [0,8,8,2] and [0,4,4,5]",
            gan_conv2d_weight(t, Z(0, 8, 8, 2), Z(0, 4, 4, 5), g, 4, 4));
}

static void images(void **state) {
    (void)state;
    REFUSED(GAN_ESHAPE, "average_pool: x [1,4,6,1] does not fit a factor of 4",
            gan_average_pool(t, Z(1, 4, 6, 1), 4));
    REFUSED(GAN_ESHAPE, "average_pool: x [4,4] does not fit a factor of 2",
            gan_average_pool(t, Z(4, 4), 2));
    REFUSED(GAN_ESHAPE, "upsample_nearest: x [1,4,6,1] does not fit a factor of 0",
            gan_upsample_nearest(t, Z(1, 4, 6, 1), 0));
    REFUSED(GAN_ESHAPE, "pixel_shuffle: x [1,4,6,6] does not fit a factor of 2",
            gan_pixel_shuffle(t, Z(1, 4, 6, 6), 2));
    REFUSED(GAN_ESHAPE, "pixel_shuffle: x [4,4] does not fit a factor of 2",
            gan_pixel_shuffle(t, Z(4, 4), 2));
    REFUSED(GAN_ESHAPE, "pixel_unshuffle: x [1,4,5,1] does not fit a factor of 2",
            gan_pixel_unshuffle(t, Z(1, 4, 5, 1), 2));
    REFUSED(GAN_ESHAPE, "pixel_unshuffle: x [1,5,4,1] does not fit a factor of -2",
            gan_pixel_unshuffle(t, Z(1, 5, 4, 1), -2));
}

static void sizes_and_borders(void **state) {
    (void)state;
    REFUSED(GAN_ESHAPE, "resize_bilinear: x [4,4] is not [N,H,W,C]",
            gan_resize_bilinear(t, Z(4, 4), 2, 2));
    REFUSED(GAN_ESHAPE, "resize_bilinear: x [1,0,4,1] is not [N,H,W,C]",
            gan_resize_bilinear(t, Z(1, 0, 4, 1), 2, 2));
    REFUSED(GAN_ESHAPE, "resize_bilinear: an image of 0x5 has no pixels",
            gan_resize_bilinear(t, Z(1, 4, 4, 1), 0, 5));
    REFUSED(GAN_ESHAPE, "pad_image: x [1,4,0,1] is not [N,H,W,C]",
            gan_pad_image(t, Z(1, 4, 0, 1), 0, 0, 0, 0, GAN_PAD_ZERO));
    REFUSED(GAN_EINVAL, "pad_image: 3 is no mode",
            gan_pad_image(t, Z(1, 4, 4, 1), 0, 0, 0, 0, (gan_pad_mode)3));
    REFUSED(GAN_ESHAPE,
            "pad_image: x [1,4,6,1] cannot be padded by 4,0 rows and 5,5 columns: it has too "
            "few to reflect",
            gan_pad_image(t, Z(1, 4, 6, 1), 4, 0, 5, 5, GAN_PAD_REFLECT));
    REFUSED(GAN_ESHAPE, "pad_image: x [1,4,6,1] cannot be padded by 0,0 rows and 0,-1 columns",
            gan_pad_image(t, Z(1, 4, 6, 1), 0, 0, 0, -1, GAN_PAD_REPLICATE));
    REFUSED(GAN_ESHAPE,
            "pad_image: x [1,4,6,1] cannot be padded by 9223372036854775807,0 rows and "
            "0,0 columns",
            gan_pad_image(t, Z(1, 4, 6, 1), INT64_MAX, 0, 0, 0, GAN_PAD_ZERO));
}

static void windows(void **state) {
    (void)state;
    REFUSED(GAN_EINVAL, "max_pool: kernel 0, stride 1 and padding 0 are out of range",
            gan_max_pool(t, Z(1, 4, 4, 1), 0, 1, 0));
    REFUSED(GAN_EINVAL, "max_pool: kernel 4097, stride 1 and padding 0 are out of range",
            gan_max_pool(t, Z(1, 4, 4, 1), 4097, 1, 0));
    REFUSED(GAN_EINVAL, "max_pool: kernel 2, stride 0 and padding 0 are out of range",
            gan_max_pool(t, Z(1, 4, 4, 1), 2, 0, 0));
    REFUSED(GAN_EINVAL, "max_pool: kernel 3, stride 2 and padding 2 are out of range",
            gan_max_pool(t, Z(1, 4, 4, 1), 3, 2, 2));
    REFUSED(GAN_EINVAL, "max_pool: kernel 3, stride 2 and padding -1 are out of range",
            gan_max_pool(t, Z(1, 4, 4, 1), 3, 2, -1));
    REFUSED(GAN_ESHAPE, "max_pool: a kernel of 5 does not fit into x [1,6,4,1]",
            gan_max_pool(t, Z(1, 6, 4, 1), 5, 1, 0));
    REFUSED(GAN_ESHAPE, "max_pool: a kernel of 2 does not fit into x [1,4,0,1]",
            gan_max_pool(t, Z(1, 4, 0, 1), 2, 1, 1));
    REFUSED(GAN_ESHAPE, "max_pool: a kernel of 2 does not fit into x [4,4]",
            gan_max_pool(t, Z(4, 4), 2, 1, 0));
}

static void affine_maps(void **state) {
    double m[12] = {1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0};
    (void)state;
    REFUSED(GAN_ESHAPE, "sample_affine: x [4,4] is not [N,H,W,C] with sides below 2^24",
            gan_sample_affine(t, Z(4, 4), m));
    REFUSED(GAN_ESHAPE, "sample_affine: x [0,1,16777216,1] is not [N,H,W,C] with sides below 2^24",
            gan_sample_affine(t, Z(0, 1, 16777216, 1), m));
    m[7] = (double)INFINITY;
    REFUSED(GAN_EINVAL, "sample_affine: the matrix of image 1 is not finite",
            gan_sample_affine(t, Z(2, 4, 4, 1), m));
    m[2] = (double)NAN;
    REFUSED(GAN_EINVAL, "sample_affine: the matrix of image 0 is not finite",
            gan_sample_affine(t, Z(2, 4, 4, 1), m));
}

static void norms(void **state) {
    (void)state;
    gan_tape_push(t, "1");
    REFUSED(GAN_ESHAPE, "batch_norm 1: gamma and beta are for 3 channels, x is [4,2]",
            gan_batch_norm(t, Z(4, 2), Z(3), Z(3), 1e-5, NULL, NULL));
    REFUSED(GAN_ESHAPE, "batch_norm: x [4] has no channels to normalise",
            gan_batch_norm(t, Z(4), NULL, NULL, 1e-5, NULL, NULL));
    REFUSED(GAN_ESHAPE, "group_norm: x [0,4] has no channels to normalise",
            gan_group_norm(t, Z(0, 4), 1, NULL, NULL, 1e-5));
    REFUSED(GAN_EINVAL, "batch_norm: operand 3 is NULL",
            gan_batch_norm(t, Z(4, 2), Z(2), NULL, 1e-5, NULL, NULL));
    REFUSED(GAN_EINVAL, "group_norm: operand 2 is NULL",
            gan_group_norm(t, Z(4, 2), 1, NULL, Z(2), 1e-5));
    REFUSED(GAN_ESHAPE, "group_norm: 6 channels do not divide into 4 groups",
            gan_group_norm(t, Z(4, 6), 4, NULL, NULL, 1e-5));
    REFUSED(GAN_ESHAPE, "group_norm: 6 channels do not divide into 0 groups",
            gan_group_norm(t, Z(4, 6), 0, NULL, NULL, 1e-5));
    REFUSED(GAN_ESHAPE, "batch_norm: mean [3] and var [2] are not for the channels of x [4,2]",
            gan_batch_norm_fixed(t, Z(4, 2), NULL, NULL, 1e-5, Z(3), Z(2)));
    REFUSED(GAN_ESHAPE, "batch_norm: mean [2] and var [4,2] are not for the channels of x [4,2]",
            gan_batch_norm_fixed(t, Z(4, 2), NULL, NULL, 1e-5, Z(2), Z(4, 2)));
    REFUSED(GAN_EINVAL, "batch_norm: operand 2 is NULL",
            gan_batch_norm_fixed(t, Z(4, 2), NULL, NULL, 1e-5, Z(2), NULL));
}

static void entropies(void **state) {
    (void)state;
    REFUSED(GAN_ESHAPE, "softmax: x has no axis", gan_softmax(t, gan_full(t, 0, NULL, 1)));
    REFUSED(GAN_ESHAPE, "maxout: the last axis of [2,5] cannot be cut into 2 pieces",
            gan_maxout(t, gan_full(t, 2, DIMS(2, 5), 1), 2));
    REFUSED(GAN_ESHAPE, "maxout: the last axis of [2,5] cannot be cut into 0 pieces",
            gan_maxout(t, gan_full(t, 2, DIMS(2, 5), 1), 0));
    REFUSED(GAN_ESHAPE, "maxout: the last axis of [] cannot be cut into 1 pieces",
            gan_maxout(t, gan_full(t, 0, NULL, 1), 1));
    REFUSED(GAN_ESHAPE, "log_softmax: x has no axis", gan_log_softmax(t, gan_full(t, 0, NULL, 1)));
    REFUSED(GAN_ESHAPE, "cross_entropy: logits are [3], not [N,K]",
            gan_cross_entropy(t, Z(3), (const int[]){0}));
    REFUSED(GAN_EINVAL, "cross_entropy: label 3 is not in [0,3)",
            gan_cross_entropy(t, Z(2, 3), (const int[]){0, 3}));
    REFUSED(GAN_EINVAL, "cross_entropy: label -1 is not in [0,3)",
            gan_cross_entropy(t, Z(2, 3), (const int[]){-1, 0}));
}

static void attentions(void **state) {
    (void)state;
    gan_tape_push(t, "heads");
    REFUSED(GAN_ESHAPE,
            "attention heads: q [2,3,4], k [2,5,3] and v [2,5,6] are not [B,Tq,D], [B,Tk,D] and "
            "[B,Tk,E]",
            gan_attention(t, Z(2, 3, 4), Z(2, 5, 3), Z(2, 5, 6), 1));
    REFUSED(GAN_ESHAPE,
            "attention: q [2,3,4], k [2,5,4] and v [2,4,6] are not [B,Tq,D], [B,Tk,D] and [B,Tk,E]",
            gan_attention(t, Z(2, 3, 4), Z(2, 5, 4), Z(2, 4, 6), 1));
    REFUSED(GAN_ESHAPE,
            "attention: q [1,3,4], k [2,5,4] and v [2,5,6] are not [B,Tq,D], [B,Tk,D] and [B,Tk,E]",
            gan_attention(t, Z(1, 3, 4), Z(2, 5, 4), Z(2, 5, 6), 1));
    REFUSED(GAN_ESHAPE,
            "attention: q [2,3,4], k [2,0,4] and v [2,0,6] are not [B,Tq,D], [B,Tk,D] and [B,Tk,E]",
            gan_attention(t, Z(2, 3, 4), Z(2, 0, 4), Z(2, 0, 6), 1));
    REFUSED(GAN_ESHAPE,
            "attention: q [3,4], k [3,4] and v [3,4] are not [B,Tq,D], [B,Tk,D] and [B,Tk,E]",
            gan_attention(t, Z(3, 4), Z(3, 4), Z(3, 4), 1));
    REFUSED(GAN_EINVAL, "attention: operand 2 is NULL",
            gan_attention(t, Z(1, 1, 1), NULL, Z(1, 1, 1), 1));
    REFUSED(GAN_ESHAPE, "self_attention: x [2,5,4,3] is not [3,B,T,D]",
            gan_self_attention(t, Z(2, 5, 4, 3), 1));
    REFUSED(GAN_ESHAPE, "self_attention: x [3,5,4] is not [3,B,T,D]",
            gan_self_attention(t, Z(3, 5, 4), 1));
    REFUSED(GAN_ESHAPE, "self_attention: x [3,0,4,2] is not [3,B,T,D]",
            gan_self_attention(t, Z(3, 0, 4, 2), 1));
    REFUSED(GAN_EINVAL, "self_attention: operand 1 is NULL", gan_self_attention(t, NULL, 1));
    REFUSED(GAN_ESHAPE, "windows_cut: x [2,4,6,3] cannot be cut into windows of 3x3",
            gan_windows_cut(t, Z(2, 4, 6, 3), 3));
    REFUSED(GAN_ESHAPE, "windows_cut: x [2,4,6,3] cannot be cut into windows of 0x0",
            gan_windows_cut(t, Z(2, 4, 6, 3), 0));
    REFUSED(GAN_ESHAPE, "windows_cut: x [4,6,3] cannot be cut into windows of 2x2",
            gan_windows_cut(t, Z(4, 6, 3), 2));
    REFUSED(GAN_ESHAPE, "windows_join: x [6,4,3] is not windows of 2x2 of images of 4x4",
            gan_windows_join(t, Z(6, 4, 3), 2, 4, 4));
    REFUSED(GAN_ESHAPE, "windows_join: x [6,4,3] is not windows of 2x2 of images of 3x4",
            gan_windows_join(t, Z(6, 4, 3), 2, 3, 4));
    REFUSED(GAN_ESHAPE, "windows_join: x [6,4,3] is not windows of 3x3 of images of 6x9",
            gan_windows_join(t, Z(6, 4, 3), 3, 6, 9));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pointwise),    cmocka_unit_test(shapes),
        cmocka_unit_test(enormous),     cmocka_unit_test(products),
        cmocka_unit_test(convolutions), cmocka_unit_test(images),
        cmocka_unit_test(norms),        cmocka_unit_test(entropies),
        cmocka_unit_test(embeddings),   cmocka_unit_test(sizes_and_borders),
        cmocka_unit_test(affine_maps),  cmocka_unit_test(windows),
        cmocka_unit_test(attentions),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
