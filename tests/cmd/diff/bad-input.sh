f=$TESTDATA/contend.mutex.pb.gz
head -c 1000 $f >part
echo text >text
profdiff $f part; echo "$?"
profdiff part $f; echo "$?"
profdiff $f text; echo "$?"
profdiff -o out part $f; [ ! -e out ] && echo nothing written
profdiff --limit=memory=100K $f $TESTDATA/nethttp.mem.pb.gz; echo "$?"
