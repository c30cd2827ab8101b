/* SPDX-License-Identifier: MIT
 *
 * config_set.h - settings for the tests of them. */
#ifndef GAN_TESTS_CONFIG_SET_H
#define GAN_TESTS_CONFIG_SET_H

#include "support.h"

#include "gan/config.h"

static inline gan_config fresh(void) {
    gan_config c;
    gan_config_init(&c);
    return c;
}

static inline void set(gan_config *c, const char *name, const char *value) {
    gan_error err = {0};
    if (gan_config_set(c, name, value, &err)) fail_msg("%s", err.text);
}

static inline gan_config resolved(const char *const *settings) {
    gan_config c = fresh();
    gan_error err = {0};
    for (; settings && *settings; settings += 2) set(&c, settings[0], settings[1]);
    if (gan_config_resolve(&c, &err)) fail_msg("%s", err.text);
    return c;
}

#endif
