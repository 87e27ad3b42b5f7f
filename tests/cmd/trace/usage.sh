prof trace; echo "$?"
prof trace sumary $TESTDATA/annotations.trace; echo "$?"
prof trace summary; echo "$?"
prof trace summary --from soon $TESTDATA/annotations.trace; echo "$?"
