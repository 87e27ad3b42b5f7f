# What can be read is told; each file that cannot has its line.
f=$TESTDATA/contend.mutex.pb.gz
head -c 1000 $f >part
echo text >text
prof info part; echo "$?"
prof info text $f part no/such/file; echo "$?"
