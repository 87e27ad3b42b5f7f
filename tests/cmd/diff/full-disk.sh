a=$TESTDATA/checkout.before.cpu.pb.gz b=$TESTDATA/checkout.after.cpu.pb.gz
profdiff $a $b >/dev/full; echo "$?"
(sleep 0.3; exec profdiff -n 0 $a $b) | true; echo "${PIPESTATUS[0]}"
profdiff --json -o /dev/full $a $b; echo "$?"
