# A terminal gets no binary, but text.
f=testdata/contend.mutex.pb.gz
script -qec "prof convert --to=pprof $f; echo \$?" /dev/null </dev/null | tr -d '\r'
script -qec "prof convert --to=folded $f" /dev/null </dev/null | tr -d '\r' | head -n 1
