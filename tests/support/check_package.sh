#!/bin/sh
# SPDX-License-Identifier: MIT
# Looks into a Debian package that `make deb` made, and runs the program that is in it.
#
#     tests/support/check_package.sh build/understudy_0.1.0_amd64.deb
set -u
package=$1
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
passed=0
failed=0

# check CLAIM COMMAND...
check() {
    claim=$1
    shift
    if "$@" >"$directory/output" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not so: $claim"
        sed 's/^/    /' "$directory/output"
    fi
}

holds() { # a file whose path matches, owned by root
    dpkg-deb -c "$package" | grep -Eq "^[^ ]+ root/root .* \./$1( -> .*)?\$"
}

depends_on() {
    dpkg-deb -f "$package" Depends | grep -Eq "(^|, )$1( |,|\$)"
}

recommends() {
    dpkg-deb -f "$package" Recommends | grep -Eq "(^|, )$1( |,|\$)"
}

serves_tls() {
    "$directory/usr/bin/understudy" run --tls-self-signed yes -- sh -c 'echo "$REDIS_URL"' |
        grep -Eq '^rediss://'
}

serves() { # and says so on its standard output
    "$directory/usr/bin/understudy" run -- sh -c 'test -n "$REDIS_URL" && echo "$REDIS_PORT"' |
        grep -Eq '^[0-9]+$'
}

links() {
    library=$(dirname "$(find "$directory/usr/lib" -name libunderstudy.so)")
    printf '#include <stdio.h>\n#include <understudy.h>\nint main(void) { puts(understudy_version()); }\n' \
        >"$directory/program.c"
    ${CC:-cc} "$directory/program.c" -I"$directory/usr/include" -L"$library" -lunderstudy \
        -o "$directory/program" && LD_LIBRARY_PATH=$library "$directory/program"
}

check "the package has a name" test "$(dpkg-deb -f "$package" Package)" = understudy
check "it depends on the C library" depends_on libc6
check "it depends on libuv, for the shared library" depends_on 'libuv1(t64)?'
check "it recommends OpenSSL, for TLS" recommends 'libssl3(t64)?'
check "it holds the program" holds usr/bin/understudy
check "it holds the manual" holds usr/share/man/man1/understudy.1.gz
check "it holds the licence" holds usr/share/doc/understudy/copyright
check "it holds the header" holds usr/include/understudy.h
check "it holds the library" holds 'usr/lib/[^/]+/libunderstudy.so.[0-9]'
check "it can be unpacked" dpkg-deb -x "$package" "$directory"
check "the program tells its version" "$directory/usr/bin/understudy" --version
check "the program serves" serves
check "the program serves TLS" serves_tls
check "a program can be linked to the library" links

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
