prof tree $TESTDATA/contend.mutex.pb.gz
