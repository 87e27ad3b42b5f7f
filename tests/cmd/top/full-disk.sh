f=$TESTDATA/checkout.before.cpu.pb.gz
prof top $f >/dev/full; echo "$?"
prof top --json $f >/dev/full; echo "$?"
prof top -o /dev/full $f; echo "$?"
prof top $f >&-; echo "$?"
