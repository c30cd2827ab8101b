/* SPDX-License-Identifier: MIT
 *
 * gan/status.h - status codes, error messages and the version.
 *
 * Every function that can fail returns a gan_status and takes, as its last parameter, a gan_error
 * owned by the caller (NULL: no message wanted). The message names the thing, the value and the
 * remedy. Functions that build tensor expressions return a pointer instead and keep the first error
 * on the tape (gan/tape.h). */
#ifndef GAN_STATUS_H
#define GAN_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#    define GAN_API __attribute__((visibility("default")))
#    define GAN_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#    define GAN_API
#    define GAN_PRINTF(f, a)
#endif

/* One list yields the codes and their texts: X(code, text). */
#define GAN_STATUS_LIST(X)                                                                         \
    X(GAN_OK, "success")                                                                           \
    X(GAN_EINVAL, "invalid argument")                                                              \
    X(GAN_ESHAPE, "shapes disagree")                                                               \
    X(GAN_ENOMEM, "out of memory")                                                                 \
    X(GAN_EIO, "input/output error")                                                               \
    X(GAN_EFORMAT, "malformed file")                                                               \
    X(GAN_EUNSUPPORTED, "not supported")                                                           \
    X(GAN_ESTATE, "called in the wrong state")                                                     \
    X(GAN_EMODEL, "the model does not allow this")                                                 \
    X(GAN_EDATA, "the data set cannot be used")                                                    \
    X(GAN_EEXIST, "already exists")                                                                \
    X(GAN_EDIVERGED, "training diverged")                                                          \
    X(GAN_ESTOPPED, "stopped on request")

typedef enum gan_status {
#define GAN_STATUS_CODE(code, text) code,
    GAN_STATUS_LIST(GAN_STATUS_CODE)
#undef GAN_STATUS_CODE
} gan_status;

/* The first failure's code and message; start it with {0}. */
typedef struct gan_error {
    gan_status code;
    char text[512];
} gan_error;

/* The text of a code: static, never NULL. */
GAN_API const char *gan_status_text(gan_status code);

/* "0.1.0": the library's version; static. */
GAN_API const char *gan_version(void);

#ifdef __cplusplus
}
#endif
#endif
