/* SPDX-License-Identifier: MIT
 *
 * Elements are put together byte by byte: data in a file are aligned to nothing, and compilers make
 * one load of it. */
#include "tensor/safetensors.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"

static uint32_t load_u16(const unsigned char *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t load_u32(const unsigned char *p) {
    return load_u16(p) | load_u16(p + 2) << 16;
}

static double f64(uint64_t bits) {
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

static double f32(uint32_t bits) {
    float f;
    memcpy(&f, &bits, sizeof f);
    return (double)f;
}

/* IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
static double f16(uint32_t bits) {
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    double d;
    if (exponent == 31)
        d = fraction ? (double)NAN : (double)INFINITY;
    else if (exponent)
        d = ldexp(1024 + fraction, exponent - 25);
    else
        d = ldexp(fraction, -24);
    return bits >> 15 ? -d : d;
}

/* U64 comes as its bits. */
static int64_t integer(gan_dtype dtype, const unsigned char *p) {
    switch (dtype) {
    case GAN_DTYPE_BOOL:
        return *p != 0;
    case GAN_DTYPE_U8:
        return *p;
    case GAN_DTYPE_I8:
        return (int8_t)*p;
    case GAN_DTYPE_U16:
        return load_u16(p);
    case GAN_DTYPE_I16:
        return (int16_t)load_u16(p);
    case GAN_DTYPE_U32:
        return load_u32(p);
    case GAN_DTYPE_I32:
        return (int32_t)load_u32(p);
    default:
        return (int64_t)gan__load_u64(p);
    }
}

static double real(gan_dtype dtype, const unsigned char *p) {
    switch (dtype) {
    case GAN_DTYPE_F16:
        return f16(load_u16(p));
    case GAN_DTYPE_BF16: /* the upper half of an F32 */
        return f32(load_u16(p) << 16);
    case GAN_DTYPE_F32:
        return f32(load_u32(p));
    case GAN_DTYPE_F64:
        return f64(gan__load_u64(p));
    case GAN_DTYPE_U64:
        return (double)gan__load_u64(p);
    default:
        return (double)integer(dtype, p);
    }
}

static gan_status check_count(const gan_safetensors_entry *e, size_t count, gan_error *err) {
    size_t elements = e->bytes / gan_dtype_size(e->dtype);
    if (elements == count) return GAN_OK;
    return gan__fail(err, GAN_ESHAPE,
                     "tensor \"%s\" of shape %s has %zu elements where %zu are expected",
                     gan__show(e->name).text, gan__show_shape(e).text, elements, count);
}

static int is_float(gan_dtype d) {
    return d == GAN_DTYPE_F16 || d == GAN_DTYPE_BF16 || d == GAN_DTYPE_F32 || d == GAN_DTYPE_F64;
}

gan_status gan_safetensors_read_real(const gan_safetensors_entry *entry, gan_real *out,
                                     size_t count, gan_error *err) {
    gan_status s = check_count(entry, count, err);
    if (s) return s;
    const unsigned char *p = entry->data;
    size_t size = gan_dtype_size(entry->dtype);
    for (size_t i = 0; i < count; i++) out[i] = (gan_real)real(entry->dtype, p + i * size);
    return GAN_OK;
}

gan_status gan_safetensors_read_i64(const gan_safetensors_entry *entry, int64_t *out, size_t count,
                                    gan_error *err) {
    gan_status s = check_count(entry, count, err);
    if (s) return s;
    if (is_float(entry->dtype))
        return gan__fail(err, GAN_EUNSUPPORTED, "tensor \"%s\" is %s where integers are expected",
                         gan__show(entry->name).text, gan_dtype_name(entry->dtype));
    const unsigned char *p = entry->data;
    size_t size = gan_dtype_size(entry->dtype);
    for (size_t i = 0; i < count; i++) {
        out[i] = integer(entry->dtype, p + i * size);
        if (out[i] < 0 && entry->dtype == GAN_DTYPE_U64)
            return gan__fail(err, GAN_EUNSUPPORTED,
                             "tensor \"%s\": element %zu is %" PRIu64
                             ", more than an int64_t holds",
                             gan__show(entry->name).text, i, (uint64_t)out[i]);
    }
    return GAN_OK;
}
