# Rows are divided, calls are not, as in pprof.
prof tree --mean --sample_index=delay -n 3 --unit=us $TESTDATA/contend.mutex.pb.gz
