/* SPDX-License-Identifier: MIT */
#include "data/deflate.h"

#include <limits.h>

#include "base/memory.h"

#define GZIP_WINDOW (15 + 16) /* inflateInit2: the gzip wrapper */

static voidpf take(voidpf context, uInt items, uInt size) {
    (void)context;
    return gan__alloc(items, size);
}

static void give(voidpf context, voidpf p) {
    (void)context;
    gan__free(p);
}

z_stream gan__z_stream(void) {
    return (z_stream){.zalloc = take, .zfree = give};
}

uint8_t *gan__deflate(const uint8_t *data, size_t size, int level, size_t *out_size) {
    z_stream z = gan__z_stream();
    *out_size = 0;
    if (deflateInit(&z, level) != Z_OK) return NULL;
    size_t bound = deflateBound(&z, (uLong)size);
    uint8_t *out = bound <= INT_MAX ? gan__alloc(bound, 1) : NULL;
    if (out) {
        z.next_in = (z_const Bytef *)data;
        z.avail_in = (uInt)size;
        z.next_out = out;
        z.avail_out = (uInt)bound;
        deflate(&z, Z_FINISH);
        *out_size = z.total_out;
    }
    deflateEnd(&z);
    return out;
}

/* The counters of a z_stream have 32 bits: larger memory goes through in pieces. */
static uInt piece(size_t n) {
    return n < UINT_MAX / 2 ? (uInt)n : UINT_MAX / 2;
}

/* Inflates until `size` bytes are there or the input ends; *got of them. The last state of zlib. */
static int unpack(z_stream *z, const uint8_t *data, size_t data_size, uint8_t *out, size_t size,
                  size_t *got) {
    int state = Z_OK;
    size_t in = 0;
    *got = 0;
    while (state == Z_OK && *got < size) {
        uInt given = piece(data_size - in), room = piece(size - *got);
        z->next_in = (z_const Bytef *)data + in;
        z->avail_in = given;
        z->next_out = out + *got;
        z->avail_out = room;
        state = inflate(z, Z_NO_FLUSH);
        in += given - z->avail_in;
        *got += room - z->avail_out;
    }
    return state;
}

/* After the last byte: does the stream end here, with the right checksum? */
static int at_end(z_stream *z, int state) {
    uint8_t more;
    if (state != Z_OK) return state;
    z->next_out = &more;
    z->avail_out = 1;
    state = inflate(z, Z_NO_FLUSH);
    return state == Z_STREAM_END && !z->avail_out ? Z_OK : state;
}

gan_status gan__gunzip(const uint8_t *data, size_t data_size, uint8_t *out, size_t size,
                       const char **wrong) {
    z_stream z = gan__z_stream();
    size_t got;
    *wrong = "out of memory";
    if (inflateInit2(&z, GZIP_WINDOW) != Z_OK) return GAN_ENOMEM;
    int state = unpack(&z, data, data_size, out, size, &got);
    if (got == size) state = at_end(&z, state);
    inflateEnd(&z);
    if (state == Z_MEM_ERROR) return GAN_ENOMEM;
    if (state == Z_STREAM_END && got == size) return GAN_OK;
    *wrong = state == Z_STREAM_END  ? "it holds less than its head announces"
             : state == Z_OK        ? "it holds more than its head announces"
             : state == Z_BUF_ERROR ? "it is truncated"
                                    : "its compressed data is damaged";
    return GAN_EFORMAT;
}

gan_status gan__gunzip_head(const uint8_t *data, size_t data_size, uint8_t *out, size_t size,
                            size_t *got) {
    z_stream z = gan__z_stream();
    *got = 0;
    if (inflateInit2(&z, GZIP_WINDOW) != Z_OK) return GAN_ENOMEM;
    int state = unpack(&z, data, data_size, out, size, got);
    inflateEnd(&z);
    return state == Z_MEM_ERROR ? GAN_ENOMEM : GAN_OK;
}
