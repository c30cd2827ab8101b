/* SPDX-License-Identifier: MIT
 *
 * The only file that holds stb code; its functions are static here. stb hands no context to its
 * allocator, so the account of the call in progress is a thread-local pointer, set and cleared by
 * gan__stb_decode. Memory comes cleared: what a damaged file leaves unwritten (Huffman tables that
 * it never defines, coefficients that no scan fills) is zero, the same at every run.
 *
 * stb's assertions guard its own logic, not its input, and a library must not abort: they are
 * off. */
#include "data/stb.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

#include "base/memory.h"
#include "data/deflate.h"

static _Thread_local gan__stb_memory *account;

static void *enter(void *p, size_t size) {
    gan__stb_memory *m = account;
    m->block[m->live].p = p;
    m->block[m->live++].size = size;
    m->used += size;
    return p;
}

static int is_full(const gan__stb_memory *m, size_t size) {
    return m->live == (int)(sizeof m->block / sizeof m->block[0]) || size > m->limit - m->used;
}

static void *take(size_t size) {
    if (!account || is_full(account, size)) {
        if (account) account->exceeded = 1;
        return NULL;
    }
    void *p = gan__zalloc(size, 1);
    if (p) return enter(p, size);
    account->exhausted = 1;
    return NULL;
}

static void give(void *p) {
    gan__stb_memory *m = account;
    if (!p) return;
    for (int i = 0; m && i < m->live; i++)
        if (m->block[i].p == p) {
            m->used -= m->block[i].size;
            m->block[i] = m->block[--m->live];
            break;
        }
    gan__free(p);
}

/* Ends the account: stb forgets a block here and there when memory runs out. */
static void settle(void *result) {
    for (int i = 0; i < account->live; i++)
        if (account->block[i].p != result) gan__free(account->block[i].p);
    account = NULL;
}

static void *regrow(void *p, size_t old_size, size_t new_size) {
    void *q = take(new_size);
    if (!q) return NULL;
    if (p) memcpy(q, p, old_size < new_size ? old_size : new_size);
    give(p);
    return q;
}

#define STBI_MALLOC(size) take(size)
#define STBI_FREE(p) give(p)
#define STBI_REALLOC_SIZED(p, old_size, new_size) regrow(p, old_size, new_size)
#define STBI_ASSERT(x) ((void)0)
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_MAX_DIMENSIONS 65535
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#include <stb/stb_image.h>

/* The resizer allocates a few rows; they need no account. */
#define STBIR_MALLOC(size, context) ((void)(context), gan__alloc(size, 1))
#define STBIR_FREE(p, context) ((void)(context), gan__free(p))
#define STBIR_ASSERT(x) ((void)0)
#define STB_IMAGE_RESIZE_STATIC
#define STB_IMAGE_RESIZE_IMPLEMENTATION
#include <stb/stb_image_resize.h>

/* The writer's own deflate is slow and weak; zlib does better. */
static unsigned char *compress_for_png(unsigned char *data, int size, int *out_size, int level) {
    size_t n;
    unsigned char *out = gan__deflate(data, (size_t)size, level, &n);
    *out_size = (int)n;
    return out ? enter(out, n) : NULL;
}

static void *no_regrow(void) {
    return NULL;
}

#define STBIW_MALLOC(size) take(size)
#define STBIW_FREE(p) give(p)
#define STBIW_REALLOC_SIZED(p, old_size, new_size) no_regrow() /* only its own deflate asks */
#define STBIW_ASSERT(x) ((void)0)
#define STBIW_ZLIB_COMPRESS compress_for_png
#define STBI_WRITE_NO_STDIO
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb/stb_image_write.h>

uint8_t *gan__stb_decode(const uint8_t *data, size_t size, gan__stb_memory *m, int *width,
                         int *height, int *channels, const char **reason) {
    if (size > INT_MAX) {
        *reason = "the file is too large";
        return NULL;
    }
    account = m;
    uint8_t *pixels = stbi_load_from_memory(data, (int)size, width, height, channels, 0);
    settle(pixels);
    *reason = pixels ? NULL : stbi_failure_reason();
    return pixels;
}

int gan__stb_resize(const uint8_t *in, int iw, int ih, int stride, uint8_t *out, int ow, int oh,
                    int c) {
    return stbir_resize_uint8_generic(in, iw, ih, stride, out, ow, oh, ow * c, c,
                                      STBIR_ALPHA_CHANNEL_NONE, 0, STBIR_EDGE_CLAMP,
                                      STBIR_FILTER_TRIANGLE, STBIR_COLORSPACE_LINEAR, NULL);
}

uint8_t *gan__stb_png(const uint8_t *pixels, int w, int h, int c, size_t *size) {
    int n = 0;
    gan__stb_memory m = {.limit = SIZE_MAX};
    account = &m;
    uint8_t *png = stbi_write_png_to_mem(pixels, w * c, w, h, c, &n);
    settle(png);
    *size = (size_t)n;
    return png;
}
