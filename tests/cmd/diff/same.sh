# Nothing changed.
f=$TESTDATA/checkout.before.cpu.pb.gz
profdiff $f $f
profdiff --json $f $f | json total rows.0.kind rows.0.finding
