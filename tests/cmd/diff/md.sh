# A comment for a code review.
profdiff --md -n 12 $TESTDATA/checkout.before.cpu.pb.gz $TESTDATA/checkout.after.cpu.pb.gz >md
cat md
profdiff --format=md -n 12 $TESTDATA/checkout.before.cpu.pb.gz $TESTDATA/checkout.after.cpu.pb.gz | cmp - md && echo same
profdiff -o out.md -n 12 $TESTDATA/checkout.before.cpu.pb.gz $TESTDATA/checkout.after.cpu.pb.gz && cmp out.md md && echo same
profdiff --md --cum -n 1 $TESTDATA/leaky.heap.t0.pb.gz $TESTDATA/leaky.heap.t3.pb.gz | head -n 6
profdiff --md $TESTDATA/checkout.before.cpu.pb.gz $TESTDATA/checkout.after.cpu.pb.gz >/dev/full; echo "$?"
