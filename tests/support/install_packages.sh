#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what .packages lists for the given groups and the system lacks; says what it runs.
#
#     tests/support/install_packages.sh build test
set -eu
cd "$(dirname "$0")/../.."

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "deps: no apt here; the packages that .packages names must be installed by hand" >&2
    exit 0
fi

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

is_known() { # to apt, as something that can be installed
    apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'
}

clang_version() {
    apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p' | head -n 1
}

# The first of the alternatives that is installed or known; the first of all when none is.
choose() {
    alternatives=$(echo "$1" | tr '|' ' ')
    for package in $alternatives; do
        if is_installed "$package" || is_known "$package"; then
            echo "$package"
            return
        fi
    done
    echo "${alternatives%% *}"
}

missing_packages() {
    while read -r package group _; do
        case "$package" in '' | '#'*) continue ;; esac
        case " $groups " in *" $group "*) ;; *) continue ;; esac
        case "$package" in *@*) package=$(echo "$package" | sed "s/@/$(clang_version)/g") ;; esac
        case "$package" in *'|'*) package=$(choose "$package") ;; esac
        is_installed "$package" || printf '%s ' "$package"
    done <.packages
}

as_root() {
    echo "+ ${sudo:+$sudo }$*"
    $sudo "$@" </dev/null
}

# Debian starts a server when it installs one, and redis-server would take port 6379. While this
# file says 101 no service starts; a file that is already there stays as it is.
policy=/usr/sbin/policy-rc.d
forbid_services() {
    [ -e $policy ] && return
    echo "deps: no service is started: $policy says so until the installation is done"
    printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null
    $sudo chmod 755 $policy
    trap '$sudo rm -f $policy' EXIT
}

groups=$*
missing=$(missing_packages)
[ -n "$missing" ] || exit 0
echo "deps: missing: $missing"

sudo=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "deps: not root and no sudo; as root: apt-get install $missing" >&2
        exit 1
    fi
    sudo="sudo"
fi

needs_update=
for package in $missing; do
    is_known "$package" || needs_update=yes
done
if [ -n "$needs_update" ]; then
    as_root apt-get update -qq
    missing=$(missing_packages)
fi

installs_redis=
case " $missing " in *' redis-server '*)
    installs_redis=yes
    forbid_services
    ;;
esac

install_missing() { # $missing is a list
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
        $missing
}
# Package lists that are too old name files that are gone: fetch them anew and try once more.
install_missing || { as_root apt-get update -qq && install_missing; }

# Nor shall it start at the next boot.
if [ -n "$installs_redis" ] && [ -d /run/systemd/system ]; then
    as_root systemctl disable --quiet redis-server || true
fi
