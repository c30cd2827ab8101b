/* SPDX-License-Identifier: MIT
 *
 * Both paths' layers are children of the one module, so that their names are PyTorch's: a block's
 * "c1", "c2", "c_sc" and not "main.c1". */
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "nn/internal.h"

static gan_tensor *forward(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    size_t main = *(const size_t *)gan_module_state(m), all = m->child_count;
    gan_tensor *y = gan__module_run(t, m, 0, main < all ? main : all, x, pass, NULL);
    gan_tensor *s = y ? gan__module_run(t, m, main, all, x, pass, NULL) : NULL;
    gan_tensor *sum = gan_add(t, y, s);
    if (!gan_tape_recording(t)) {
        if (y != x) gan_release(t, y);
        if (s != x) gan_release(t, s);
    }
    return sum;
}

gan_module *gan_residual(int main) {
    static const gan_module_type type = {.name = "residual", .forward = forward};
    gan_module *m = gan_module_create(&type, sizeof(size_t));
    if (!gan_module_status(m)) *(size_t *)gan_module_state(m) = (size_t)(main < 0 ? 0 : main);
    if (m && main < 1) m->status = GAN_EINVAL;
    return m;
}

static gan_tensor *join(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    gan_tensor *both[2] = {x, gan__module_run(t, m, 0, m->child_count, x, pass, NULL)};
    gan_tensor *y = gan_concat(t, 2, both, gan_tensor_rank(x) - 1);
    if (both[1] != x && !gan_tape_recording(t)) gan_release(t, both[1]);
    return y;
}

gan_module *gan_skip(void) {
    static const gan_module_type type = {.name = "skip", .forward = join};
    return gan_module_create(&type, 0);
}
