# What pprof does and prof does not is told, with what does instead.
f=$TESTDATA/contend.mutex.pb.gz
prof -http=:8080 $f; echo "$?"
prof --web -nodecount=3 $f; echo "$?"
prof -focus=main -gv $f; echo "$?"
prof -weblist=main $f; echo "$?"
prof disasm main $f; echo "$?"
