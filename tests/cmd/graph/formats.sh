# Each format is what it says, and the same twice.
for f in svg png pdf ps gif; do
	prof graph -n 5 -o out.$f $TESTDATA/contend.mutex.pb.gz
	head -c 5 out.$f | tr -c '[:print:]' .
	prof -$f -n 5 $TESTDATA/contend.mutex.pb.gz | cmp - out.$f && echo " $f"
done
