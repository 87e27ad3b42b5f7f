# Holders that sleep, write to a file, wait for another lock, and a convoy: before go 1.22 and since.
prof contention testdata/holds.go1.19.trace
echo
prof contention testdata/holds.go1.27.trace
echo
# Only the convoy.
prof contention --json --from=210ms testdata/holds.go1.27.trace
