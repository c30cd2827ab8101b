/* SPDX-License-Identifier: MIT
 *
 * Layers of transformers. Tokens lie as the pixels of an image [N,H,W,C] between them, so that
 * images, windows and sequences are the same thing seen in different ways. */
#include "gan/attention.h"
#include "gan/layer.h"
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "nn/internal.h"
#include "tensor/internal.h"

/* --- where a token is, and one that is nowhere --- */

static gan_tensor *add_place(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    (void)pass;
    return gan_add(t, x, gan_module_parameter(m, 0));
}

gan_module *gan_position_layer(int64_t h, int64_t w, int64_t c) {
    static const gan_module_type type = {.name = "position", .forward = add_place};
    gan_module *m = gan_module_create(&type, 0);
    gan_module_add_parameter(m, "weight", GAN_ROLE_BIAS, 3, (int64_t[]){h, w, c}, 1, 1);
    return m;
}

/* [N,H,W,C] to [N,1,1+H*W,C]. */
static gan_tensor *put_first(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    (void)pass;
    if (!x) return NULL;
    int64_t n = x->dim[0], c = x->dim[3];
    gan_tensor *own = gan_broadcast(t, gan_module_parameter(m, 0), 4, (int64_t[]){n, 1, 1, c});
    gan_tensor *row = gan_reshape(t, x, 4, (int64_t[]){n, 1, -1, c});
    return gan_concat(t, 2, (gan_tensor *[]){own, row}, 2);
}

gan_module *gan_class_token(int64_t channels) {
    static const gan_module_type type = {.name = "class_token", .forward = put_first};
    gan_module *m = gan_module_create(&type, 0);
    gan_module_add_parameter(m, "weight", GAN_ROLE_BIAS, 1, &channels, 1, 1);
    return m;
}

static gan_tensor *take_first(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    (void)m, (void)pass;
    gan_tensor *first = gan_slice(t, x, 2, 0, 1);
    return first ? gan_reshape(t, first, 2, (int64_t[]){x->dim[0], x->dim[3]}) : NULL;
}

gan_module *gan_first_token(void) {
    static const gan_module_type type = {.name = "first_token", .forward = take_first};
    return gan_module_create(&type, 0);
}

/* --- a block --- */

enum { NORM1, ATTENTION, NORM2, FIRST, SECOND };

typedef struct state {
    int64_t window; /* 0: all tokens of an image see each other */
} state;

static gan_tensor *child(gan_tape *t, gan_module *m, int i, gan_tensor *x, const gan_pass *pass) {
    gan_tensor *y = gan_module_forward(t, gan_module_child(m, i), x, pass);
    gan__used(t, x);
    return y;
}

static gan_tensor *attend(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    const state *s = gan_module_state(m);
    gan_tensor *y = gan_module_forward(t, gan_module_child(m, NORM1), x, pass);
    if (!y) return NULL;
    int64_t n = x->dim[0], h = x->dim[1], w = x->dim[2], c = x->dim[3];
    if (!s->window) {
        y = gan__shaped(t, y, 3, (int64_t[]){n, h * w, c});
        return gan__shaped(t, child(t, m, ATTENTION, y, pass), 4, x->dim);
    }
    gan_tensor *cut = gan_windows_cut(t, y, s->window);
    gan__used(t, y);
    gan_tensor *seen = child(t, m, ATTENTION, cut, pass);
    y = gan_windows_join(t, seen, s->window, h, w);
    gan__used(t, seen);
    return y;
}

/* Two linear layers with a GELU, of each token by itself. */
static gan_tensor *think(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    gan_tensor *y = gan_module_forward(t, gan_module_child(m, NORM2), x, pass);
    if (!y) return NULL;
    y = gan__shaped(t, y, 2, (int64_t[]){x->size / x->dim[3], x->dim[3]});
    gan_tensor *wide = child(t, m, FIRST, y, pass), *bent = gan_gelu(t, wide);
    gan__used(t, wide);
    return gan__shaped(t, child(t, m, SECOND, bent, pass), 4, x->dim);
}

static gan_tensor *block(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    char text[96];
    if (!x) return NULL;
    if (x->rank != 4 || !x->size)
        return gan__op_fail(t, GAN_ESHAPE, "transformer_block", "x is %s, not [N,H,W,C]",
                            gan__shape_text(x, text));
    gan_tensor *y = gan__plus(t, attend(t, m, x, pass), x);
    gan_tensor *z = gan__plus(t, think(t, m, y, pass), y);
    gan__used(t, y);
    return z;
}

gan_module *gan_transformer_block(int64_t embed, int64_t heads, int64_t hidden, int64_t window) {
    static const gan_module_type type = {.name = "transformer_block", .forward = block};
    gan_module *m = gan_module_create(&type, sizeof(state));
    gan_module_add(m, "norm1", gan_token_norm_layer(embed));
    gan_module_add(m, "attn", gan_multi_head_attention(embed, heads));
    gan_module_add(m, "norm2", gan_token_norm_layer(embed));
    gan_module_add(m, "mlp.fc1", gan_linear(embed, hidden, 1));
    gan_module_add(m, "mlp.fc2", gan_linear(hidden, embed, 1));
    if (gan_module_status(m)) return m;
    ((state *)gan_module_state(m))->window = window;
    if (window < 0) m->status = GAN_EINVAL;
    return m;
}
