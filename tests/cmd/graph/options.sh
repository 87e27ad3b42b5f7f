f=$TESTDATA/checkout.after.cpu.pb.gz
nodes() { grep -o '^N[0-9]* .label="[^"]*"' | head -n 6; }
for o in --lines --files --addresses --noinlines --call_tree --nodefraction=0.2; do
	echo "$o"; prof graph $o -n 6 $f | nodes
done
prof graph --call_tree -n 12 --focus='encodeReceipt' $f | grep -c -- '->'
prof graph -n 8 --diff_base=$TESTDATA/checkout.before.cpu.pb.gz $f
prof graph -n 5 --base=$TESTDATA/checkout.before.cpu.pb.gz --drop_negative $f | nodes
prof graph --diff_base=$f $f
prof graph --md $f; echo "$?"
prof graph --format=folded $f; echo "$?"
prof graph; echo "$?"
