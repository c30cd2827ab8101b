/* SPDX-License-Identifier: MIT */
#include "data/format.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "data/stb.h"

/* --- which format --- */

static int is_bmp(const uint8_t *p) {
    uint32_t head = gan__le32(p + 14);
    return head >= 12 && head <= 124;
}

static int is_pnm(const uint8_t *p) {
    return p[1] >= '1' && p[1] <= '6' && (strchr(" \t\r\n#", p[2]) && p[2]);
}

static int is_heif(const uint8_t *p) {
    static const char brands[][5] = {"heic", "heix", "mif1", "avif", "avis", "msf1"};
    for (size_t i = 0; i < sizeof brands / sizeof brands[0]; i++)
        if (!memcmp(p + 8, brands[i], 4)) return 1;
    return 0;
}

static int is_webp(const uint8_t *p) {
    return !memcmp(p + 8, "WEBP", 4);
}

/* `decode` NULL: known by name only. `more` looks further where the first bytes do not tell. */
static const struct {
    const char *name;
    size_t at, length;
    const char *magic;
    int (*more)(const uint8_t *first18);
    gan__decode_fn *decode;
} formats[] = {
    {"JPEG", 0, 3, "\xff\xd8\xff", NULL, gan__jpeg_decode},
    {"PNG", 0, 8, "\x89PNG\r\n\x1a\n", NULL, gan__png_decode},
    {"BMP", 0, 2, "BM", is_bmp, gan__bmp_decode},
    {"PNM", 0, 1, "P", is_pnm, gan__pnm_decode},
    {"GIF", 0, 4, "GIF8", NULL, NULL},
    {"WebP", 0, 4, "RIFF", is_webp, NULL},
    {"TIFF", 0, 4, "II*\0", NULL, NULL},
    {"TIFF", 0, 4, "MM\0*", NULL, NULL},
    {"Photoshop", 0, 4, "8BPS", NULL, NULL},
    {"HEIF or AVIF", 4, 4, "ftyp", is_heif, NULL},
    {"JPEG 2000", 4, 4, "jP  ", NULL, NULL},
    {"JPEG XL", 4, 4, "JXL ", NULL, NULL},
    {"OpenEXR", 0, 4, "\x76\x2f\x31\x01", NULL, NULL},
};

gan__decode_fn *gan__format_detect(gan__bytes head, const char **name) {
    uint8_t first[18] = {0};
    memcpy(first, head.data, head.size < sizeof first ? head.size : sizeof first);
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (!memcmp(first + formats[i].at, formats[i].magic, formats[i].length) &&
            (!formats[i].more || formats[i].more(first))) {
            *name = formats[i].name;
            return formats[i].decode;
        }
    *name = NULL;
    return NULL;
}

/* --- what every decoder needs --- */

gan_status gan__check_sides(int64_t width, int64_t height, const gan_image_options *o,
                            gan_error *err) {
    if (width < 1 || height < 1)
        return gan__fail(err, GAN_EFORMAT,
                         "the picture is empty or its head is damaged: %lld x %lld",
                         (long long)width, (long long)height);
    if (width > o->max_side || height > o->max_side ||
        (uint64_t)width > o->max_pixels / (uint64_t)height)
        return gan__fail(err, GAN_EUNSUPPORTED,
                         "%lld x %lld pixels are more than allowed (%d a side, %zu in all)",
                         (long long)width, (long long)height, o->max_side, o->max_pixels);
    return GAN_OK;
}

gan_status gan__picture_alloc(gan__picture *out, gan_error *err) {
    size_t row = (size_t)out->width * (size_t)out->channels;
    out->pixels = gan__alloc((size_t)out->height, row);
    return out->pixels ? GAN_OK : gan__fail_memory(err);
}

/* The file itself is in memory as well and not counted. What stb takes includes the result. An
 * eighth of the allowance is left for everything else. */
gan_status gan__decode_with_stb(gan__bytes file, const gan_image_options *o, size_t pixels,
                                gan__picture *out, gan_error *err) {
    const char *reason;
    gan__stb_memory m = {.limit = 4 * pixels + o->memory_mib * 1024 * 1024 / 8 * 7};
    int width, height;
    uint8_t *p =
        gan__stb_decode(file.data, file.size, &m, &width, &height, &out->channels, &reason);
    if (!p && m.exhausted) return gan__fail_memory(err);
    if (!p && m.exceeded)
        return gan__fail(err, GAN_EUNSUPPORTED,
                         "decoding its %zu pixels needs more memory than 4 bytes a pixel and "
                         "%zu MiB; allow more, or make the picture smaller",
                         pixels, o->memory_mib);
    if (!p) return gan__fail(err, GAN_EFORMAT, "it is damaged or not supported: %s", reason);
    out->pixels = p;
    if (width == out->width && height == out->height) return GAN_OK;
    return gan__fail(err, GAN_EFORMAT, "its head contradicts itself");
}

/* --- EXIF --- */

typedef struct tiff {
    const uint8_t *data;
    size_t size;
    int little;
} tiff;

static unsigned u16(const tiff *t, size_t at) {
    if (at + 2 > t->size) return 0;
    return t->little ? gan__le16(t->data + at) : gan__be16(t->data + at);
}

static uint32_t u32(const tiff *t, size_t at) {
    if (at + 4 > t->size) return 0;
    return t->little ? gan__le32(t->data + at) : gan__be32(t->data + at);
}

#define TAG_ORIENTATION 0x0112
#define TYPE_SHORT 3

int gan__exif_orientation(const uint8_t *data, size_t size) {
    tiff t = {data, size, size > 1 && data[0] == 'I'};
    if (size < 8 || data[0] != data[1] || (data[0] != 'I' && data[0] != 'M')) return 1;
    size_t directory = u32(&t, 4);
    if (u16(&t, 2) != 42 || directory > size) return 1;
    unsigned entries = u16(&t, directory);
    for (unsigned i = 0; i < entries; i++) {
        size_t entry = directory + 2 + (size_t)12 * i;
        if (entry + 12 > size) break;
        if (u16(&t, entry) != TAG_ORIENTATION || u16(&t, entry + 2) != TYPE_SHORT) continue;
        unsigned o = u16(&t, entry + 8);
        return o >= 1 && o <= 8 ? (int)o : 1;
    }
    return 1;
}
