# pprof's DOT, byte for byte: tests/oracle/pprof-dot.t compares with pprof itself.
prof graph $TESTDATA/contend.mutex.pb.gz >dot
cat dot
prof -dot $TESTDATA/contend.mutex.pb.gz | cmp - dot && echo same
prof dot -o out.dot $TESTDATA/contend.mutex.pb.gz && cmp out.dot dot && echo same
prof graph -o out.gv $TESTDATA/contend.mutex.pb.gz && cmp out.gv dot && echo same
prof graph --format=dot --compact_labels $TESTDATA/contend.mutex.pb.gz | cmp - dot && echo same
prof graph --nodecount=1 --focus=nothing $TESTDATA/contend.mutex.pb.gz
prof graph $TESTDATA/contend.mutex.pb.gz >/dev/full; echo "$?"
