/* SPDX-License-Identifier: MIT */
#include "nn/transformer.h"

#include <stdio.h>

#include "base/error.h"
#include "gan/layer.h"

#define HEADS 4   /* of channels that divide by it; else one */
#define WIDER 4   /* channels inside the two linear layers */
#define WINDOW 16 /* from images twice as large on */

gan_status gan__transformer_check(const gan_network_config *c, gan_error *err) {
    if (c->height != c->width || (c->height != 32 && c->height != 64 && c->height != 128))
        return gan__fail(err, GAN_EINVAL,
                         "arch transformer makes images of 32, 64 or 128 squared, not %lldx%lld",
                         (long long)c->height, (long long)c->width);
    if (c->norm == GAN_NORM_BATCH || c->norm == GAN_NORM_INSTANCE)
        return gan__fail(err, GAN_EINVAL,
                         "arch transformer norms each token by itself; leave its norm auto");
    if (c->condition == GAN_CONDITION_NORM)
        return gan__fail(err, GAN_EINVAL,
                         "condition norm is in batch norms, of which arch transformer has none; "
                         "use condition concat");
    if (c->spectral || c->attention)
        return gan__fail(err, GAN_EINVAL,
                         c->spectral ? "arch transformer takes no spectral norm; a gradient "
                                       "penalty suits its discriminator"
                                     : "arch transformer attends everywhere: leave attention 0");
    return GAN_OK;
}

int gan__transformer_depth(const gan_network_config *c, int stage) {
    static const int depth[] = {5, 4, 2};
    if (c->depth) return (int)c->depth;
    return stage < 2 ? depth[stage] : depth[2];
}

void gan__add_blocks(gan_module *net, const gan_network_config *c, const char *stem, int count,
                     int64_t side, int64_t embed) {
    int64_t heads = embed % HEADS ? 1 : HEADS, window = side >= 2 * WINDOW ? WINDOW : 0;
    char name[48];
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%.32s.%d", stem, i);
        gan_module_add(net, name, gan_transformer_block(embed, heads, WIDER * embed, window));
        if (c->dropout > 0) gan_module_add(net, NULL, gan_dropout(c->dropout));
    }
}

int64_t gan__block_weights(int64_t embed) {
    return (4 + 2 * WIDER) * embed * embed;
}
