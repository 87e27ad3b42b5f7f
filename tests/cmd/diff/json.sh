a=$TESTDATA/checkout.before.cpu.pb.gz b=$TESTDATA/checkout.after.cpu.pb.gz
profdiff --json $a $b >doc
json -k '' total rows.0 rows.0.flat rows.0.cum <doc
json schema verdict sample_type unit total.old total.new rows rows.0.name rows.0.kind rows.0.finding rows.0.flat rows.0.cum <doc
profdiff -o doc2.json $a $b && cmp doc doc2.json && echo same
profdiff --json --by=line -n 1 $a $b | json rows rows.0
