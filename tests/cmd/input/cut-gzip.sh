# Cut at any byte: never a report, always one line.
f=$TESTDATA/contend.mutex.pb.gz
for n in 1 2 3 10 11 500 1974 1981; do
	head -c $n $f >part
	prof top part; echo "$? at $n"
done
