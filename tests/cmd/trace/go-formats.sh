# As Go's own tool prints them.
prof trace events --format=parsed "$TESTDATA/annotations.trace" | head -60
prof trace events --format=wire "$TESTDATA/annotations.trace" | head -40
prof trace events --format=wire "$TESTDATA/annotations.trace" | tail -3
TZ=America/St_Johns prof trace events --format=parsed "$TESTDATA/annotations.trace" | head -1
head -c 700 "$TESTDATA/annotations.trace" >cut
prof trace events --format=wire cut | tail -1; echo "${PIPESTATUS[0]}"
prof trace events --format=wire "$TESTDATA/contend.mutex.pb.gz"; echo "$?"
