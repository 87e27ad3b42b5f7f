f=$TESTDATA/checkout.before.cpu.pb.gz
prof top --json $f >doc
json -k '' rows.0 <doc
json schema sample_type unit total rows rows.0.name rows.0.flat rows.0.cum <doc
prof top --format=json $f | cmp - doc
prof top --json --lines -n 2 $TESTDATA/nethttp.mem.pb.gz
