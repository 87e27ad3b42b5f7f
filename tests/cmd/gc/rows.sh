prof gc -n 6 $TESTDATA/gcpace.limit.log
echo
prof gc --window=0.4 $TESTDATA/gcpace.gogc50.log | tail -7
echo
sed -n 62,76p $TESTDATA/gcpace.gogc100.log | prof gc - | tail -16
