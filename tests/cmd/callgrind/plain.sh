prof callgrind $TESTDATA/contend.mutex.pb.gz
