/* SPDX-License-Identifier: MIT */
/* What the C library formats or parses is done under the "C" locale, set for the thread alone. */
#include "base/number.h"

#include <errno.h>
#include <float.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/grisu.h"
#include "base/memory.h"

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324"
                                  "25262728293031323334353637383940414243444546474849"
                                  "50515253545556575859606162636465666768697071727374"
                                  "75767778798081828384858687888990919293949596979899";

/* The powers of ten that a double holds exactly. */
static const double exact_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
#define HIGHEST_EXACT_POWER    22
#define HIGHEST_EXACT_MANTISSA ((uint64_t)1 << 53)

struct locale_guard {
    locale_t c;
    locale_t previous;
};

static struct locale_guard enter_c_locale(void)
{
    struct locale_guard guard;
    guard.c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    CHECK(guard.c != (locale_t)0);
    guard.previous = uselocale(guard.c);
    return guard;
}

static void leave_c_locale(struct locale_guard guard)
{
    uselocale(guard.previous);
    freelocale(guard.c);
}

static unsigned digit_of(char c)
{
    return (unsigned)(unsigned char)c - '0';
}

/* Digits without sign: no leading zero, except "0" itself when `zero` allows it. */
static bool parse_magnitude(const char *p, const char *end, bool zero, uint64_t *magnitude)
{
    size_t size = (size_t)(end - p);
    if (size == 0 || size > NUMBER_INTEGER_SIZE)
        return false;
    uint64_t value = digit_of(*p);
    if (value > 9 || (value == 0 && !(zero && size == 1)))
        return false;
    /* Nineteen digits cannot overflow; a twentieth may. */
    const char *safe = size < NUMBER_INTEGER_SIZE ? end : end - 1;
    while (++p < safe) {
        unsigned digit = digit_of(*p);
        if (digit > 9)
            return false;
        value = value * 10 + digit;
    }
    if (safe != end) {
        unsigned digit = digit_of(*safe);
        if (digit > 9 || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *magnitude = value;
    return true;
}

bool number_parse_unsigned(struct bytes text, uint64_t *value)
{
    return text.size != 0 && parse_magnitude(text.data, text.data + text.size, true, value);
}

bool number_parse_integer(struct bytes text, int64_t *value)
{
    if (text.size == 0)
        return false;
    const char *end = text.data + text.size;
    bool is_negative = *text.data == '-';
    uint64_t magnitude;
    if (!parse_magnitude(text.data + is_negative, end, !is_negative, &magnitude))
        return false;
    if (magnitude > (uint64_t)INT64_MAX + is_negative)
        return false;
    *value = is_negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

int number_leading_integer(struct bytes text)
{
    size_t i = 0;
    while (i < text.size && (text.data[i] == ' ' || (text.data[i] >= '\t' && text.data[i] <= '\r')))
        i++;
    bool is_negative = i < text.size && text.data[i] == '-';
    if (i < text.size && (text.data[i] == '-' || text.data[i] == '+'))
        i++;
    int value = 0;
    for (; i < text.size && digit_of(text.data[i]) <= 9; i++) {
        if (value > (INT_MAX - 9) / 10)
            return is_negative ? -INT_MAX : INT_MAX;
        value = value * 10 + (int)digit_of(text.data[i]);
    }
    return is_negative ? -value : value;
}

/* [+-]digits[.digits][e[+-]digits], when mantissa and power of ten are exact doubles: then one
 * multiplication or division rounds as strtod would. False leaves the judgement to strtod. */
static bool parse_simple_decimal(struct bytes text, double *value)
{
    const char *p = text.data;
    const char *end = p + text.size;
    bool is_negative = false;
    if (p < end && (*p == '-' || *p == '+'))
        is_negative = *p++ == '-';
    uint64_t mantissa = 0;
    int exponent = 0;
    size_t digits = 0;
    for (; p < end && digit_of(*p) <= 9; p++, digits++)
        mantissa = mantissa * 10 + digit_of(*p);
    if (p < end && *p == '.')
        for (p++; p < end && digit_of(*p) <= 9; p++, digits++, exponent--)
            mantissa = mantissa * 10 + digit_of(*p);
    if (digits == 0 || digits > 19 || mantissa > HIGHEST_EXACT_MANTISSA)
        return false;
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        bool is_small = false;
        if (p < end && (*p == '-' || *p == '+'))
            is_small = *p++ == '-';
        int written = 0;
        const char *first = p;
        for (; p < end && p - first <= 4 && digit_of(*p) <= 9; p++)
            written = written * 10 + (int)digit_of(*p);
        if (p == first || p - first > 4)
            return false;
        exponent += is_small ? -written : written;
    }
    if (p != end || FLT_EVAL_METHOD != 0)
        return false;
    if (exponent < -HIGHEST_EXACT_POWER || exponent > HIGHEST_EXACT_POWER)
        return false;
    double magnitude = (double)mantissa;
    if (exponent < 0)
        magnitude /= exact_powers[-exponent];
    else
        magnitude *= exact_powers[exponent];
    *value = is_negative ? -magnitude : magnitude;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool number_parse_double(struct bytes text, double *value)
{
    if (text.size == 0 || is_blank(text.data[0]))
        return false;
    if (parse_simple_decimal(text, value))
        return true;
    char small[256];
    char *copy = text.size < sizeof small ? small : memory_allocate(text.size + 1);
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';

    struct locale_guard guard = enter_c_locale();
    char *end;
    errno = 0;
    double parsed = strtod(copy, &end);
    bool is_out_of_range = errno == ERANGE && (isinf(parsed) || parsed == 0.0);
    leave_c_locale(guard);

    /* A NUL within the text ends strtod's reading before the end. */
    bool is_whole = end == copy + text.size;
    if (copy != small)
        memory_free(copy);
    if (!is_whole || is_out_of_range || isnan(parsed))
        return false;
    *value = parsed;
    return true;
}

bool number_parse_long_double(struct bytes text, long double *value)
{
    char copy[NUMBER_LONG_DOUBLE_SIZE];
    if (text.size == 0 || text.size >= sizeof copy || is_blank(text.data[0]))
        return false;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';

    struct locale_guard guard = enter_c_locale();
    char *end;
    errno = 0;
    long double parsed = strtold(copy, &end);
    bool is_out_of_range = errno == ERANGE && (isinf(parsed) || parsed == 0.0L);
    leave_c_locale(guard);

    if (end != copy + text.size || is_out_of_range || isnan(parsed))
        return false;
    *value = parsed;
    return true;
}

static size_t count_digits(uint64_t value)
{
    size_t count = 1;
    for (; value >= 10000; value /= 10000)
        count += 4;
    return count + (value >= 10) + (value >= 100) + (value >= 1000);
}

size_t number_format_unsigned(char *out, uint64_t value)
{
    if (value < 10) {
        out[0] = (char)('0' + value);
        return 1;
    }
    size_t size = count_digits(value);
    char *p = out + size;
    while (value >= 100) {
        p -= 2;
        memcpy(p, digit_pairs + value % 100 * 2, 2);
        value /= 100;
    }
    if (value >= 10)
        memcpy(out, digit_pairs + value * 2, 2);
    else
        out[0] = (char)('0' + value);
    return size;
}

size_t number_format_integer(char *out, int64_t value)
{
    if (value >= 0)
        return number_format_unsigned(out, (uint64_t)value);
    out[0] = '-';
    return 1 + number_format_unsigned(out + 1, 0 - (uint64_t)value);
}

static size_t copy_text(char *out, const char *text)
{
    size_t size = strlen(text);
    memcpy(out, text, size + 1);
    return size;
}

/* d.ddde+xx with as few digits of the exponent as it needs. */
static size_t write_scientific(char *out, const char *digits, size_t count, int exponent)
{
    char *p = out;
    *p++ = digits[0];
    if (count > 1) {
        *p++ = '.';
        memcpy(p, digits + 1, count - 1);
        p += count - 1;
    }
    *p++ = 'e';
    *p++ = exponent < 0 ? '-' : '+';
    p += number_format_unsigned(p, (uint64_t)(exponent < 0 ? -exponent : exponent));
    return (size_t)(p - out);
}

/* The notation that Redis 7.2 chooses for `count` digits times 10^power: plain for up to seven
 * zeros at the end, or when at most six places follow the point, or when the first digit stands
 * within three places of the point; else scientific. */
static size_t write_shortest(char *out, double value)
{
    char digits[GRISU_DIGITS];
    int power;
    size_t count = grisu_digits(value, digits, &power);
    int exponent = power + (int)count - 1; /* of the first digit */

    if (power >= 0 && power <= 7) {
        memcpy(out, digits, count);
        memset(out + count, '0', (size_t)power);
        return count + (size_t)power;
    }
    if (power >= 0 || (power < -6 && (exponent <= -4 || exponent >= 4)))
        return write_scientific(out, digits, count, exponent);
    if (exponent < 0) {
        size_t zeros = (size_t)-exponent - 1;
        memcpy(out, "0.", 2);
        memset(out + 2, '0', zeros);
        memcpy(out + 2 + zeros, digits, count);
        return 2 + zeros + count;
    }
    size_t whole = (size_t)exponent + 1;
    memcpy(out, digits, whole);
    out[whole] = '.';
    memcpy(out + whole + 1, digits + whole, count - whole);
    return count + 1;
}

size_t number_format_double(char *out, double value, enum number_double_style style)
{
    if (isnan(value)) /* printf shows the sign that 0/0 has on x86 */
        return copy_text(out, style == NUMBER_DOUBLE_17 && signbit(value) ? "-nan" : "nan");
    if (isinf(value))
        return copy_text(out, value < 0 ? "-inf" : "inf");
    if (value == 0)
        return copy_text(out, signbit(value) ? "-0" : "0");

    /* Up to these bounds both styles write whole numbers with all their digits: 17 of them, or any
     * that Redis 7.2 converts to an integer first. */
    double limit = style == NUMBER_DOUBLE_17 ? 99999999999999984.0 : 0x1p62;
    if (value >= -limit && value <= limit && value == (double)(int64_t)value) {
        size_t size = number_format_integer(out, (int64_t)value);
        out[size] = '\0';
        return size;
    }
    if (style == NUMBER_DOUBLE_SHORTEST) {
        size_t sign = value < 0;
        out[0] = '-';
        size_t size = sign + write_shortest(out + sign, fabs(value));
        out[size] = '\0';
        return size;
    }
    struct locale_guard guard = enter_c_locale();
    int size = snprintf(out, NUMBER_DOUBLE_SIZE, "%.17g", value);
    leave_c_locale(guard);
    return (size_t)size;
}

#if LDBL_MANT_DIG <= 64
#define FRACTION_DIGITS 17
#define FRACTION_LIMIT  ((uint64_t)100000000000000000) /* ten to their number */

/* The fraction, 0 <= fraction < 1, in units of the 17th digit, rounded as printf rounds: half a
 * unit goes to the even neighbour. */
static uint64_t round_fraction(long double fraction)
{
    if (fraction == 0)
        return 0;
    int exponent;
    uint64_t mantissa = (uint64_t)ldexpl(frexpl(fraction, &exponent), 64);
    unsigned shift = (unsigned)(64 - exponent);
    if (shift > 126)
        return 0;
    unsigned __int128 product = (unsigned __int128)mantissa * FRACTION_LIMIT;
    unsigned __int128 half = (unsigned __int128)1 << (shift - 1);
    unsigned __int128 rest = product & (2 * half - 1);
    uint64_t units = (uint64_t)(product >> shift);
    return units + (rest > half || (rest == half && units & 1));
}

/* What "%.17Lf" writes less the zeros at its end, for magnitudes below 2^63. */
static size_t write_fixed(char *out, long double value)
{
    long double magnitude = fabsl(value);
    uint64_t whole = (uint64_t)magnitude;
    uint64_t units = round_fraction(magnitude - (long double)whole);
    if (units == FRACTION_LIMIT) {
        whole++;
        units = 0;
    }
    char *p = out;
    if (value < 0 && (whole || units))
        *p++ = '-';
    p += number_format_unsigned(p, whole);
    if (units) {
        size_t digits = FRACTION_DIGITS;
        for (; units % 10 == 0; units /= 10)
            digits--;
        *p = '.';
        for (size_t i = digits; i > 0; i--, units /= 10)
            p[i] = (char)('0' + units % 10);
        p += digits + 1;
    }
    *p = '\0';
    return (size_t)(p - out);
}
#endif

size_t number_format_long_double(char *out, long double value)
{
    if (isnan(value))
        return copy_text(out, "nan");
    if (isinf(value))
        return copy_text(out, value < 0 ? "-inf" : "inf");
#if LDBL_MANT_DIG <= 64
    if (fabsl(value) < 0x1p63L)
        return write_fixed(out, value);
#endif
    struct locale_guard guard = enter_c_locale();
    size_t size = (size_t)snprintf(out, NUMBER_LONG_DOUBLE_SIZE, "%.17Lf", value);
    leave_c_locale(guard);
    while (out[size - 1] == '0')
        size--;
    if (out[size - 1] == '.')
        size--;
    out[size] = '\0';
    if (size == 2 && out[0] == '-' && out[1] == '0')
        return copy_text(out, "0");
    return size;
}
