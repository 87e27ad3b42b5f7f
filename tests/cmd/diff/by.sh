a=$TESTDATA/checkout.before.cpu.pb.gz b=$TESTDATA/checkout.after.cpu.pb.gz
for by in function file package line; do
	profdiff --by=$by -n 6 $a $b | tail -n +6
done
profdiff --by=address $a $b; echo "$?"
