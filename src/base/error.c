/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#ifndef GAN_VERSION
#    error "GAN_VERSION is defined by the build"
#endif

const char *gan_status_text(gan_status code) {
    switch (code) {
#define TEXT(c, text)                                                                              \
    case c:                                                                                        \
        return text;
        GAN_STATUS_LIST(TEXT)
#undef TEXT
    }
    return "unknown status";
}

const char *gan_version(void) {
    return GAN_VERSION;
}

gan_status gan__fail(gan_error *err, gan_status code, const char *format, ...) {
    if (!err) return code;
    va_list args;
    va_start(args, format);
    err->code = code;
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return code;
}

gan_status gan__fail_memory(gan_error *err) {
    return gan__fail(err, GAN_ENOMEM, "out of memory; a smaller batch or width needs less");
}

gan_status gan__prefix(gan_error *err, gan_status code, const char *format, ...) {
    if (!err) return code;
    char prefix[256];
    va_list args;
    va_start(args, format);
    vsnprintf(prefix, sizeof prefix - 2, format, args);
    va_end(args);
    strcat(prefix, ": ");
    size_t used = strlen(prefix), kept = strlen(err->text), room = sizeof err->text - 1 - used;
    memmove(err->text + used, err->text, kept < room ? kept : room);
    memcpy(err->text, prefix, used);
    err->text[used + (kept < room ? kept : room)] = 0;
    err->code = code;
    return code;
}
