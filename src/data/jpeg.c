/* SPDX-License-Identifier: MIT
 *
 * JPEG, decoded by stb_image after a walk over the markers. The walk sees every marker that stb
 * would act on (and perhaps more), and refuses what stb takes badly: Huffman tables of more than
 * 256 codes, which it writes out of bounds; thousands of scans over a large picture in a tiny file,
 * which take minutes; sizes that so few bytes cannot fill. */
#include "data/format.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum {
    SOF0 = 0xc0,
    SOF2 = 0xc2,
    DHT = 0xc4,
    JPG = 0xc8,
    DAC = 0xcc,
    SOF15 = 0xcf,
    RST0 = 0xd0,
    RST7 = 0xd7,
    SOI = 0xd8,
    EOI = 0xd9,
    SOS = 0xda,
    APP1 = 0xe1,
    TEM = 0x01
};

/* Every 8x8 block takes at least one bit of the file. */
#define PIXELS_PER_BYTE 512

/* A progressive photograph has about ten scans. */
#define MAX_SCANS 100
#define MAX_SCAN_PIXELS ((uint64_t)640 << 20)

typedef struct walk {
    gan__bytes file;
    size_t at;
    int width, height, orientation, scans;
} walk;

/* The next marker's code, or -1 at the end; *at is behind it. Skips what is no marker: entropy
 * coded data with its stuffed zeros and restart marks, and padding. */
static int next_marker(walk *w) {
    const uint8_t *p = w->file.data;
    size_t n = w->file.size;
    while (w->at < n) {
        const uint8_t *ff = memchr(p + w->at, 0xff, n - w->at);
        if (!ff) break;
        w->at = (size_t)(ff - p) + 1;
        while (w->at < n && p[w->at] == 0xff) w->at++;
        if (w->at == n) break;
        int m = p[w->at++];
        if (m && m != TEM && !(m >= RST0 && m <= RST7)) return m;
    }
    w->at = n;
    return -1;
}

static gan_status truncated(gan_error *err) {
    return gan__fail(err, GAN_EFORMAT, "the JPEG is truncated: it has no end marker");
}

static gan_status frame(walk *w, const uint8_t *s, size_t n, const gan_image_options *o,
                        gan_error *err) {
    if (w->width) return gan__fail(err, GAN_EFORMAT, "the JPEG has two frames");
    if (n < 6) return gan__fail(err, GAN_EFORMAT, "the JPEG's frame header is damaged");
    if (s[0] != 8)
        return gan__fail(err, GAN_EUNSUPPORTED, "JPEG with %d bits a sample; 8 are read", s[0]);
    w->height = (int)gan__be16(s + 1);
    w->width = (int)gan__be16(s + 3);
    gan_status status = gan__check_sides(w->width, w->height, o, err);
    if (status) return status;
    if ((uint64_t)w->width * (uint64_t)w->height / PIXELS_PER_BYTE > w->file.size)
        return gan__fail(err, GAN_EFORMAT, "%d x %d pixels cannot be in %zu bytes of JPEG",
                         w->width, w->height, w->file.size);
    return GAN_OK;
}

/* Walks as stb does, over the end of the segment too: it would read on. */
static gan_status huffman(walk *w, size_t start, size_t length, gan_error *err) {
    int64_t left = (int64_t)length;
    for (size_t at = start; left > 0;) {
        unsigned sum = 0;
        for (size_t i = 1; i <= 16; i++)
            if (at + i < w->file.size) sum += w->file.data[at + i];
        if (sum > 256)
            return gan__fail(err, GAN_EFORMAT, "the JPEG has a Huffman table of %u codes; 256 fit",
                             sum);
        at += 17 + sum;
        left -= 17 + (int64_t)sum;
    }
    return GAN_OK;
}

static gan_status scan(walk *w, gan_error *err) {
    if (!w->width) return gan__fail(err, GAN_EFORMAT, "the JPEG has a scan before its frame");
    w->scans++;
    uint64_t work = (uint64_t)w->width * (uint64_t)w->height * (uint64_t)w->scans;
    if (w->scans > MAX_SCANS || (w->scans > 10 && work > MAX_SCAN_PIXELS))
        return gan__fail(err, GAN_EFORMAT, "the JPEG has too many scans: %d of %d x %d pixels",
                         w->scans, w->width, w->height);
    return GAN_OK;
}

static gan_status segment(walk *w, int marker, size_t start, size_t n, const gan_image_options *o,
                          gan_error *err) {
    const uint8_t *s = w->file.data + start;
    if (marker >= SOF0 && marker <= SOF2) return frame(w, s, n, o, err);
    if (marker == DHT) return huffman(w, start, n, err);
    if (marker == SOS) return scan(w, err);
    if (marker > SOF2 && marker <= SOF15 && marker != JPG && marker != DAC)
        return gan__fail(err, GAN_EUNSUPPORTED, "lossless, hierarchical or arithmetic JPEG");
    if (marker == APP1 && n > 6 && !memcmp(s, "Exif\0", 6) && w->orientation == 1)
        w->orientation = gan__exif_orientation(s + 6, n - 6);
    return GAN_OK;
}

static gan_status walk_markers(walk *w, const gan_image_options *o, gan_error *err) {
    for (int m; (m = next_marker(w)) != EOI;) {
        if (m < 0) return truncated(err);
        if (m == SOI) continue;
        if (w->file.size - w->at < 2) return truncated(err);
        size_t length = gan__be16(w->file.data + w->at);
        if (length < 2) return gan__fail(err, GAN_EFORMAT, "the JPEG has a damaged segment");
        if (length > w->file.size - w->at) return truncated(err);
        gan_status s = segment(w, m, w->at + 2, length - 2, o, err);
        if (s) return s;
        w->at += length;
    }
    if (!w->scans) return gan__fail(err, GAN_EFORMAT, "the JPEG holds no picture");
    return GAN_OK;
}

gan_status gan__jpeg_decode(gan__bytes file, const gan_image_options *o, gan__picture *out,
                            gan_error *err) {
    walk w = {.file = file, .orientation = 1};
    gan_status s = walk_markers(&w, o, err);
    if (s) return s;
    out->width = w.width;
    out->height = w.height;
    out->orientation = w.orientation;
    return gan__decode_with_stb(file, o, (size_t)w.width * (size_t)w.height, out, err);
}
