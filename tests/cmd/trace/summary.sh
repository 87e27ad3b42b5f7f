# A whole trace, and a part of it.
prof trace summary $TESTDATA/annotations.trace
echo
prof trace summary --from 100us --to 1ms $TESTDATA/annotations.trace
