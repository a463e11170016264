#!/bin/bash
# Loads of the kind that users have, for the Debian guest: `soak.sh small|large` runs them all at once, and prints of each what is the
# same on every machine that computes right: `result NAME STATUS DIGEST`, its exit status and a digest of all that it prints.
cd "$(dirname "$0")" || exit 1

case $1 in
  small) optimize=-O0 size=64 tests="test_complex" ;;
  large) optimize=-O2 size=512 tests="test_complex test_struct test_float test_cmath test_fractions test_sort test_generators" ;;
  *) exit 2 ;;
esac

# A parallel build: the code that the compiler makes, and threads that wait for each other in it. Times are left out, and what the
# test of code that another CPU writes has found: native QEMU runs old code now and then (docs/decisions/0005).
build() {
  make -s -j"$(nproc)" CFLAGS="$optimize -pthread -mcx16" smp records disk-bench && sha256sum smp records disk-bench &&
    ./smp "$size" | grep -v '^smp \(work\|cpus\|code\)'
}

# Digests and ciphers over the same data.
digests() { openssl dgst -md5 data; openssl dgst -sha512 data; openssl dgst -sha3-256 data; openssl dgst -blake2b512 data; }
cipher() { openssl enc "-$1" -pbkdf2 -nosalt -pass pass:soak; }
ciphers() { for name in aes-128-cbc camellia-256-cbc chacha20; do cipher $name <data | sha256sum; done; }
primes() { openssl prime -hex "7$(printf 'f%.0s' {1..151})" && openssl prime 1000000007; }

python_program() { python3 program.py "$size"; }
# Python's own tests, without how long they took.
python_tests() { for test in $tests; do python3 -m unittest "test.$test" 2>&1 | sed -n 's/ in .*s$//; /^Ran\|^OK\|^F/p'; done; }

result() {
  local output status
  output=$("$1" 2>&1)
  status=$?
  [ "$status" = 0 ] || tail -n 20 <<<"$output"
  echo "result $1 $status $(sha256sum <<<"$output" | cut -c1-16)"
}

set -o pipefail
head -c "$((size * 16))K" /dev/zero | cipher aes-256-ctr >data
for load in build digests ciphers primes python_program python_tests; do result "$load" & done
wait
echo "soak-end"
